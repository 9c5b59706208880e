package org.bncnn.train;

import java.io.IOException;

/** Is told about the progress of a training, on the thread that trains. An exception ends the training. */
public interface TrainingObserver {
    /**
     * A step was trained.
     *
     * @param epoch number of the epoch, counted from 1
     * @param images number of images of this epoch that were trained so far
     * @throws IOException to end the training
     */
    default void batchTrained(int epoch, int images) throws IOException {}

    /**
     * A loss is due, after a number of batches.
     *
     * @param epoch number of the epoch, counted from 1
     * @param batch number of the batch in the epoch, counted from 1
     * @param meanLoss mean over the batches since the last report
     * @throws IOException to end the training
     */
    default void lossReported(int epoch, int batch, double meanLoss) throws IOException {}

    /**
     * An epoch was trained and the network measured.
     *
     * @param result the epoch
     * @throws IOException to end the training
     */
    default void epochEnded(EpochResult result) throws IOException {}

    /**
     * The layers were looked at: before the first epoch and after each.
     *
     * @param layers statistics of the layers
     * @throws IOException to end the training
     */
    default void layersProbed(LayerMetrics layers) throws IOException {}
}
