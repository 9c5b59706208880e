/**
 * Labelled images: read from IDX files or image folders, kept as bytes, handed out as batches; image files, read in the same way
 * everywhere; and Fashion-MNIST, found or fetched, and checked.
 *
 * <p>Depends on DataVec, ND4J and the JDK's {@code java.desktop} only.
 */
package org.bncnn.data;
