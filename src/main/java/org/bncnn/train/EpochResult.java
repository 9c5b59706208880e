package org.bncnn.train;

/**
 * The result of an epoch.
 *
 * @param epoch number of the epoch, counted from 1
 * @param trainLoss mean loss over the epoch's batches, while the network was changing
 * @param measured measurement of the network after it; null if there was none
 * @param seconds time spent training, without the measurement
 * @param imagesPerSecond images trained per second
 */
public record EpochResult(int epoch, double trainLoss, Measurement measured, double seconds, double imagesPerSecond) {
    /** Checks the components. */
    public EpochResult {
        if (epoch < 1) {
            throw new IllegalArgumentException("epochs are counted from 1, not " + epoch);
        }
        if (!(seconds >= 0)) {
            throw new IllegalArgumentException("seconds must be at least 0, not " + seconds);
        }
    }
}
