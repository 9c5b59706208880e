package org.bncnn.bench;

import java.util.Collection;
import java.util.function.ToDoubleFunction;

/** The median of one figure over a contender's turns, with the smallest and the largest. */
public record Spread(double median, double min, double max) {
    /** {@return the spread of a figure of each turn; there is at least one turn} */
    static Spread of(Collection<Turn> turns, ToDoubleFunction<Turn> figure) {
        double[] sorted = turns.stream().mapToDouble(figure).sorted().toArray();
        int middle = sorted.length / 2;
        double median = sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return new Spread(median, sorted[0], sorted[sorted.length - 1]);
    }
}
