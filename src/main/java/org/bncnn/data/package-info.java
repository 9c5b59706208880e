/**
 * Labelled images: found as IDX files or in image folders, read, kept as bytes, handed out as batches; and Fashion-MNIST, found or
 * fetched, and checked.
 *
 * <p>Depends on DataVec and ND4J only.
 */
package org.bncnn.data;
