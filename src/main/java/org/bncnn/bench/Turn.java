package org.bncnn.bench;

import java.util.Arrays;

/**
 * What a contender did when it had its turn.
 *
 * @param calls steps of training, batches or images
 * @param imagesPerSecond over the whole turn
 * @param p50Micros the median time of a call, in µs
 * @param p99Micros the time, in µs, that 99 of 100 calls stay below
 */
public record Turn(int calls, double imagesPerSecond, double p50Micros, double p99Micros) {
    /**
     * {@return the turn with these calls}
     *
     * @param nanos what each call took; at least one, not empty
     * @param batchSize images of a call
     */
    static Turn of(long[] nanos, int batchSize) {
        long[] sorted = nanos.clone();
        Arrays.sort(sorted);
        double seconds = Arrays.stream(sorted).sum() / 1e9;
        return new Turn(
                sorted.length,
                (double) sorted.length * batchSize / seconds,
                percentile(sorted, 50) / 1e3,
                percentile(sorted, 99) / 1e3);
    }

    /** The nearest-rank percentile: the smallest value that so many of a hundred do not exceed. */
    private static long percentile(long[] sorted, int percent) {
        return sorted[(int) Math.ceil(sorted.length * percent / 100.0) - 1];
    }
}
