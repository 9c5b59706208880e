/**
 * Labelled images: found or fetched, read from IDX files or image folders, kept as bytes, and handed out as batches or
 * DataVec records. Image files, which training, evaluation and prediction all read in the same way.
 */
package org.bncnn.data;
