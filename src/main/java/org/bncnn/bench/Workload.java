package org.bncnn.bench;

/**
 * What all contenders of a heat work on, apart from the norm.
 *
 * @param task what is timed
 * @param batchSize images at a time, at least 1
 * @param channels of an image
 * @param side of an image, in pixels; images are square
 * @param classes that are told apart
 * @param width how many times as many channels the convolutions have as the reference CNN's, at least 1
 * @param threads that each contender may use
 */
public record Workload(Task task, int batchSize, int channels, int side, int classes, int width, int threads) {
    Workload withBatchSize(int size) {
        return new Workload(task, size, channels, side, classes, width, threads);
    }

    Workload withSide(int pixels) {
        return new Workload(task, batchSize, channels, pixels, classes, width, threads);
    }

    Workload withWidth(int times) {
        return new Workload(task, batchSize, channels, side, classes, times, threads);
    }

    Workload withThreads(int number) {
        return new Workload(task, batchSize, channels, side, classes, width, number);
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
