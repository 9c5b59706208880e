package org.bncnn.report;

import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Properties;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.bncnn.store.JsonFile;
import org.bncnn.text.Numbers;

/**
 * A chart as {@code chart.mustache} places it and {@code charts.mustache} draws it.
 *
 * @param id of its element
 * @param title what it shows
 * @param finding its values in words, for those who cannot see it
 * @param kind {@code line}; {@code histogram} for steps; or {@code bar} for horizontal bars stacked over the series
 * @param valueAxis title of the values' axis; may be empty
 * @param axes its labels and how its values are shown
 * @param series the values
 */
record Chart(String id, String title, String finding, String kind, String valueAxis, Axes axes, List<Series> series) {
    /** The finding has all values of a line that has no more points, and the first and the last of a longer one. */
    private static final int FEW_POINTS = 20;

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

        /** {@return a line in the colour of a norm, with a point for each row} */
        static <T> Series line(String label, String colour, List<T> rows, ToDoubleFunction<T> value) {
            return new Series(label, List.of(colour), Chart.values(rows, value));
        }
    }

    /**
     * @param label title of the labels' axis; may be empty
     * @param labels of the points or bars
     * @param unit of the values; may be empty
     * @param decimals shown of the values, unless their axis is logarithmic
     * @param logarithmic whether the values' axis is
     */
    record Axes(String label, List<String> labels, String unit, int decimals, boolean logarithmic) {
        Axes(String label, List<String> labels, String unit, int decimals) {
            this(label, labels, unit, decimals, false);
        }

        static Axes logarithmic(String label, List<String> labels) {
            return new Axes(label, labels, "", 0, true);
        }

        private String point(Double value, int index) {
            String format = logarithmic ? "%.2e" : "%,." + decimals + "f";
            String shown = value == null ? "no number" : Numbers.format(format, value) + " " + unit;
            return shown.strip() + " at " + label + " " + labels.get(index);
        }
    }

    /** {@return a chart of lines, its finding included} */
    static Chart lines(String id, String title, Axes axes, List<Series> series) {
        String finding = series.stream()
                .map(line -> line.label() + ": " + points(line.values(), axes))
                .collect(Collectors.joining("; ", title + ". ", "."));
        return new Chart(id, title, finding, "line", "", axes, series);
    }

    private static String points(List<Double> values, Axes axes) {
        int last = values.size() - 1;
        return IntStream.rangeClosed(0, last)
                .filter(i -> last < FEW_POINTS || i == 0 || i == last)
                .mapToObj(i -> axes.point(values.get(i), i))
                .collect(Collectors.joining(", "));
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

    /**
     * Chart.js, which draws the charts of a page.
     *
     * @param version its version
     * @param licence the text that its licence asks to go with every copy
     * @param script which defines {@code Chart}; its own dependency, {@code @kurkle/color}, is inside
     */
    record Library(String version, String licence, String script) {
        private static final String ARTIFACT = "/META-INF/maven/org.webjars.npm/chart.js/pom.properties";
        private static final String FOLDER = "/META-INF/resources/webjars/chart.js/";

        /** {@return the library, from the WebJar on the class path} */
        static Library load() throws IOException {
            Properties artifact = new Properties();
            artifact.load(new StringReader(HtmlTemplate.resource(ARTIFACT)));
            String version = artifact.getProperty("version");
            String script = HtmlTemplate.resource(FOLDER + version + "/dist/chart.umd.min.js");
            return new Library(
                    version,
                    HtmlTemplate.resource(FOLDER + version + "/LICENSE.md").strip(),
                    // A browser's developer tools would look for the source map beside the page.
                    script.replaceFirst("\\R//# sourceMappingURL=.*\\s*$", ""));
        }
    }
}
