package org.bncnn.bench;

import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * Along which axes a workload is made larger or smaller, one at a time.
 *
 * @param title of the axis
 * @param points on it
 * @param at the workload at a point
 */
record Growth(String title, List<Integer> points, IntFunction<Workload> at) {
    private static final List<Integer> BATCH_SIZES = List.of(1, 4, 16, 64, 256, 1024, 4096);
    private static final List<Integer> SIDES = List.of(28, 56, 112, 224);
    private static final List<Integer> WIDTHS = List.of(1, 2, 4, 8);

    /** {@return the axes through a workload} */
    static List<Growth> of(Workload base) {
        List<Integer> threads = IntStream.rangeClosed(1, base.threads()).boxed().toList();
        return List.of(
                new Growth("batch size", BATCH_SIZES, base::withBatchSize),
                new Growth("image side", SIDES, base::withSide),
                new Growth("channel factor", WIDTHS, base::withWidth),
                new Growth("threads", threads, base::withThreads));
    }
}
