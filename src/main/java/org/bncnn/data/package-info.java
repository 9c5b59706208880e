/**
 * Labelled images: read from IDX files or image folders, kept as bytes, handed out as batches; and Fashion-MNIST, found or fetched,
 * and checked.
 *
 * <p>Depends on DataVec and ND4J only.
 */
package org.bncnn.data;
