package org.bncnn.train;

/**
 * How an epoch went.
 *
 * @param epoch counted from 1
 * @param trainLoss mean loss over the epoch's batches, while the network was changing
 * @param measured how the network did after it; null if it was not measured
 * @param seconds spent training, without the measurement
 * @param imagesPerSecond trained
 */
public record EpochResult(int epoch, double trainLoss, Measurement measured, double seconds, double imagesPerSecond) {
    public EpochResult {
        if (epoch < 1) {
            throw new IllegalArgumentException("epochs are counted from 1, not " + epoch);
        }
        if (!(seconds >= 0)) {
            throw new IllegalArgumentException("seconds must be at least 0, not " + seconds);
        }
    }
}
