package org.bncnn.report;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.bncnn.store.JsonFile;

/**
 * A chart as {@code chart.mustache} places it and {@code charts.mustache} draws it.
 *
 * @param id of its element
 * @param title what it shows
 * @param finding what is to be seen in it, for those who cannot see it
 * @param kind {@code line}; {@code histogram} for steps; or {@code bar} for horizontal bars stacked over the series
 * @param labelAxis title of the labels' axis; may be empty
 * @param valueAxis title of the values' axis
 * @param unit of the values; may be empty
 * @param decimals shown of the values
 * @param logarithmic whether the values' axis is
 * @param labels of the points or bars
 * @param series the values
 */
record Chart(
        String id,
        String title,
        String finding,
        String kind,
        String labelAxis,
        String valueAxis,
        String unit,
        int decimals,
        boolean logarithmic,
        List<String> labels,
        List<Series> series) {
    /**
     * @param label its name in the legend
     * @param colours norms, in whose colours it is drawn: one for a line, one for each bar
     * @param values null where there is none
     * @param low the lower edge of a band around a line; null without a band
     * @param high the upper edge of it
     */
    record Series(String label, List<String> colours, List<Double> values, List<Double> low, List<Double> high) {
        Series(String label, List<String> colours, List<Double> values) {
            this(label, colours, values, null, null);
        }
    }

    /** {@return a value of each row, or null where JSON has no number for it} */
    static <T> List<Double> values(List<T> rows, ToDoubleFunction<T> value) {
        List<Double> values = new ArrayList<>(); // may hold nulls
        for (T row : rows) {
            double number = value.applyAsDouble(row);
            values.add(Double.isFinite(number) ? number : null);
        }
        return Collections.unmodifiableList(values);
    }

    /** {@return the charts as JSON in which nothing can end the script element that it stands in} */
    static String json(List<Chart> charts) throws IOException {
        return JsonFile.line(charts).replace("<", "\\u003c");
    }
}
