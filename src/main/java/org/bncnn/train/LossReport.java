package org.bncnn.train;

/**
 * A training loss within an epoch.
 *
 * @param epoch number of the epoch, counted from 1
 * @param batch number of the batch in the epoch, counted from 1
 * @param meanLoss mean over the batches since the last report
 */
public record LossReport(int epoch, int batch, double meanLoss) {
    /** Checks the components. */
    public LossReport {
        if (epoch < 1 || batch < 1) {
            throw new IllegalArgumentException(
                    "epochs and batches are counted from 1, not epoch " + epoch + ", batch " + batch);
        }
        if (!Double.isFinite(meanLoss)) {
            throw new IllegalArgumentException("a training loss must be finite, not " + meanLoss);
        }
    }
}
