package org.bncnn.eval;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * The number of values in each of several bins of the same width.
 *
 * @param from the lower end of the first bin
 * @param binWidth width of each bin
 * @param counts number of values in each bin
 */
public record Histogram(double from, double binWidth, List<Integer> counts) {
    /** Checks the components and copies the lists. */
    public Histogram {
        counts = List.copyOf(Objects.requireNonNull(counts, "counts"));
        if (counts.stream().anyMatch(count -> count < 0)) {
            throw new IllegalArgumentException("counts must be at least 0");
        }
    }

    /**
     * {@return the values in bins from the smallest to the largest}
     *
     * @param values any number of values
     * @param bins the number of bins
     */
    public static Histogram of(double[] values, int bins) {
        double min = Arrays.stream(values).min().orElse(0);
        return of(values, min, Arrays.stream(values).max().orElse(0), bins);
    }

    /**
     * {@return the values in bins from {@code min} to {@code max}}; values beyond are in the first and the last bin
     *
     * @param values any number of values
     * @param min the lower end of the first bin
     * @param max the upper end of the last bin
     * @param bins the number of bins
     */
    public static Histogram of(double[] values, double min, double max, int bins) {
        double width = max > min ? (max - min) / bins : 1;
        int[] counts = new int[bins];
        for (double value : values) {
            counts[Math.max(0, Math.min((int) ((value - min) / width), bins - 1))]++;
        }
        return new Histogram(min, width, Arrays.stream(counts).boxed().toList());
    }
}
