package org.bncnn.bench;

import java.util.List;

/**
 * What {@code bncnn bench} found.
 *
 * @param setting where and with what
 * @param timing how long
 * @param missing ids of the contenders that are not on the class path
 * @param heats in the order they were run
 * @param completed whether all that was asked for was run
 */
public record BenchmarkResult(
        Setting setting, Timing timing, List<String> missing, List<Heat> heats, boolean completed) {
    public BenchmarkResult {
        missing = List.copyOf(missing);
        heats = List.copyOf(heats);
    }
}
