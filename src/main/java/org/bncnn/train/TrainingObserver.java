package org.bncnn.train;

import java.io.IOException;

/** Is told how a training goes, on the thread that trains. What it throws ends the training. */
public interface TrainingObserver {
    /**
     * A batch was trained.
     *
     * @param epoch counted from 1
     * @param images of this epoch that were trained so far
     */
    default void batchTrained(int epoch, int images) throws IOException {}

    /**
     * So many batches were trained that a loss is due.
     *
     * @param epoch counted from 1
     * @param batch counted from 1 in each epoch
     * @param meanLoss mean over the batches since the last report
     */
    default void lossReported(int epoch, int batch, double meanLoss) throws IOException {}

    /** An epoch was trained and the network measured. */
    default void epochEnded(EpochResult result) throws IOException {}

    /** The layers were looked at: before the first epoch and after each. */
    default void layersProbed(LayerMetrics layers) throws IOException {}

    /** A checkpoint was kept, where there are any: after each epoch, perhaps within, and where training was stopped. */
    default void stateKept() throws IOException {}
}
