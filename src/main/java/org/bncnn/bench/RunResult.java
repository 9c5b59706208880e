package org.bncnn.bench;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.apache.commons.math3.stat.descriptive.rank.Median;
import org.apache.commons.math3.stat.descriptive.rank.Percentile;
import org.apache.commons.math3.stat.descriptive.rank.Percentile.EstimationType;
import org.bncnn.model.Norm;

/**
 * How fast an implementation was on a workload.
 *
 * @param id implementation and norm
 * @param title title of the implementation
 * @param version what ran, with its versions
 * @param workload task and sizes
 * @param imagesPerSecond speed over its iterations
 * @param p50Micros median time of a call, in µs, over its iterations
 * @param p99Micros time, in µs, that 99 of 100 calls do not exceed, over its iterations
 * @param peakBytes largest resident memory of its process, including the Java virtual machine's; −1 if unknown
 * @param iterations iterations that count, in order
 */
public record RunResult(
        @JsonProperty("entry") Id id,
        String title,
        String version,
        Workload workload,
        Score imagesPerSecond,
        Score p50Micros,
        Score p99Micros,
        long peakBytes,
        @JsonProperty("turns") List<Iteration> iterations) {
    /** Copies the iterations. */
    public RunResult {
        iterations = List.copyOf(iterations);
    }

    static RunResult of(
            Id id, String title, String version, Workload workload, List<Iteration> iterations, long peakBytes) {
        return new RunResult(
                id,
                title,
                version,
                workload,
                Score.of(iterations, Iteration::imagesPerSecond),
                Score.of(iterations, Iteration::p50Micros),
                Score.of(iterations, Iteration::p99Micros),
                peakBytes,
                iterations);
    }

    /**
     * Distinguishes the runs on a workload.
     *
     * @param implementation id of the implementation
     * @param norm norm of the network; {@code builtin} is the implementation's own batch normalization
     */
    public record Id(@JsonProperty("contender") String implementation, Norm norm) {}

    /**
     * A figure over the iterations of a run.
     *
     * @param median median value
     * @param min smallest value
     * @param max largest value
     */
    public record Score(double median, double min, double max) {
        static Score of(List<Iteration> iterations, ToDoubleFunction<Iteration> figure) {
            double[] values = iterations.stream().mapToDouble(figure).sorted().toArray();
            return new Score(new Median().evaluate(values), values[0], values[values.length - 1]);
        }
    }

    /**
     * What a run did in one round.
     *
     * @param calls steps of training, batches or images
     * @param imagesPerSecond speed over the whole iteration
     * @param p50Micros median time of a call, in µs
     * @param p99Micros time, in µs, that 99 of 100 calls do not exceed
     */
    public record Iteration(int calls, double imagesPerSecond, double p50Micros, double p99Micros) {
        /**
         * {@return the iteration with these calls}
         *
         * @param nanos duration of each call; at least one
         * @param batchSize images of a call
         */
        static Iteration of(long[] nanos, int batchSize) {
            double seconds = Arrays.stream(nanos).sum() / 1e9;
            Percentile nearestRank = new Percentile().withEstimationType(EstimationType.R_1);
            nearestRank.setData(Arrays.stream(nanos).asDoubleStream().toArray());
            return new Iteration(
                    nanos.length,
                    (double) nanos.length * batchSize / seconds,
                    nearestRank.evaluate(50) / 1e3,
                    nearestRank.evaluate(99) / 1e3);
        }
    }
}
