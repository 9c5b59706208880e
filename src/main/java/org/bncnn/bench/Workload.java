package org.bncnn.bench;

import java.util.Locale;

/**
 * A task with its sizes: all that runs have in common, apart from the norm.
 *
 * @param task what is timed
 * @param batchSize images at a time, at least 1
 * @param channels channels of an image
 * @param side height and width of an image, in pixels
 * @param classes number of classes
 * @param width factor by which the convolutions have more channels than the reference CNN's, at least 1
 * @param threads threads that each implementation may use
 */
public record Workload(Task task, int batchSize, int channels, int side, int classes, int width, int threads) {
    /** What is timed. */
    public enum Task {
        /** Steps of training: forward, loss, backward, update. */
        TRAIN,
        /** Classifying batches. */
        EVALUATE,
        /** Classifying one image that comes as a Java array, as an application would. */
        LATENCY;

        /** {@return the name used on the command line and in files} */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** {@return the shape of a batch, [N, C, H, W]} */
    public long[] shape() {
        return new long[] {batchSize, channels, side, side};
    }

    /** {@return the number of values of an image} */
    public int imageLength() {
        return channels * side * side;
    }
}
