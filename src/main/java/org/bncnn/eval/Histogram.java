package org.bncnn.eval;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * How many values are in each of several bins of the same width.
 *
 * @param from the lower end of the first bin
 * @param binWidth of each bin
 * @param counts one for each bin
 */
public record Histogram(double from, double binWidth, List<Integer> counts) {
    public Histogram {
        counts = List.copyOf(Objects.requireNonNull(counts, "counts"));
        if (counts.stream().anyMatch(count -> count < 0)) {
            throw new IllegalArgumentException("counts must be at least 0");
        }
    }

    /** {@return the values in bins from the smallest to the largest} */
    public static Histogram of(double[] values, int bins) {
        double min = Arrays.stream(values).min().orElse(0);
        return of(values, min, Arrays.stream(values).max().orElse(0), bins);
    }

    /** {@return the values in bins from {@code min} to {@code max}}; those beyond are in the first and the last one */
    public static Histogram of(double[] values, double min, double max, int bins) {
        double width = max > min ? (max - min) / bins : 1;
        int[] counts = new int[bins];
        for (double value : values) {
            counts[Math.max(0, Math.min((int) ((value - min) / width), bins - 1))]++;
        }
        return new Histogram(min, width, Arrays.stream(counts).boxed().collect(Collectors.toList()));
    }
}
