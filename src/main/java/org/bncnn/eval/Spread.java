package org.bncnn.eval;

import org.apache.commons.math3.stat.descriptive.rank.Percentile;
import org.apache.commons.math3.stat.descriptive.rank.Percentile.EstimationType;

/**
 * How the values of several channels are spread.
 *
 * @param low value that a tenth of them are below
 * @param median value that half of them are below
 * @param high value that nine tenths of them are below
 */
public record Spread(double low, double median, double high) {
    /** {@return the spread of at least one value}, interpolated linearly between two values */
    static Spread of(double... values) {
        Percentile percentile = new Percentile().withEstimationType(EstimationType.R_7);
        percentile.setData(values);
        return new Spread(percentile.evaluate(10), percentile.evaluate(50), percentile.evaluate(90));
    }
}
