package org.bncnn.train;

/**
 * How an epoch went.
 *
 * @param epoch counted from 1
 * @param trainLoss mean loss over the epoch's batches, while the network was changing
 * @param testAccuracy share of the test images classified correctly after it, 0 to 1
 * @param testLoss mean cross-entropy on the test images after it
 * @param seconds spent training, without the measurement
 * @param imagesPerSecond trained
 */
public record EpochResult(
        int epoch, double trainLoss, double testAccuracy, double testLoss, double seconds, double imagesPerSecond) {}
