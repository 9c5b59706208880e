package org.bncnn.data;

/** The files of a dataset, found but not yet read. */
interface DatasetFiles {
    /**
     * Reads them.
     *
     * @throws DatasetException if one cannot be read, is malformed, or does not fit the others
     */
    ImageDataset read() throws DatasetException;
}
