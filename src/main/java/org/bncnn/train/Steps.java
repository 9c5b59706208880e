package org.bncnn.train;

import java.io.IOException;

/** What trains a network through an epoch, step by step: this process, a batch in each step, or a cluster, several. */
public interface Steps {
    /** Goes into an epoch, counted from 0, behind so many of its batches. */
    void startEpoch(int epoch, int batches) throws IOException;

    /** {@return whether the epoch goes on} */
    boolean hasNext();

    /**
     * Trains on.
     *
     * @return the loss of each batch that was trained
     * @throws java.util.NoSuchElementException if the epoch is over
     */
    double[] next() throws IOException;

    /** {@return how many images of the epoch were trained} */
    int images();
}
