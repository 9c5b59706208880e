package org.bncnn.eval;

import java.util.Arrays;

/**
 * How the values of several channels are spread.
 *
 * @param low a tenth of them are below it
 * @param median half of them are
 * @param high nine tenths of them are
 */
public record Spread(double low, double median, double high) {
    /** {@return the spread of the values}, of which there is at least one */
    static Spread of(double... values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return new Spread(quantile(sorted, 0.1), quantile(sorted, 0.5), quantile(sorted, 0.9));
    }

    /** Between two values it is interpolated linearly. */
    private static double quantile(double[] sorted, double share) {
        double position = share * (sorted.length - 1);
        int below = (int) position;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
    }
}
