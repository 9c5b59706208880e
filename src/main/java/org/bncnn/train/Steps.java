package org.bncnn.train;

import java.io.IOException;

/** Trains a network through an epoch, step by step: in this process a batch per step, on a cluster several. */
public interface Steps {
    /**
     * Moves to a position in an epoch.
     *
     * @param epoch number of the epoch, counted from 0
     * @param batches number of its batches that were trained before
     * @throws IOException if the images cannot be read
     */
    void startEpoch(int epoch, int batches) throws IOException;

    /** {@return whether the epoch has another step} */
    boolean hasNext();

    /**
     * Trains the next step.
     *
     * @return the loss of each batch of the step
     * @throws java.util.NoSuchElementException if the epoch is over
     * @throws IOException if the step cannot be computed
     */
    double[] next() throws IOException;

    /** {@return number of images of the epoch that were trained so far} */
    int images();
}
