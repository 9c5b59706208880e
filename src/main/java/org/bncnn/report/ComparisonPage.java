package org.bncnn.report;

import java.io.IOException;
import java.nio.file.Path;
import org.bncnn.compare.Comparison;

/** A {@link Comparison} as one HTML file: its verdict, charts, tables and provenance. */
public final class ComparisonPage {
    private ComparisonPage() {}

    /**
     * Writes the page, whole or not at all. It needs nothing but a browser: style, chart library and numbers are inside.
     *
     * @throws IOException if the file cannot be written, or Chart.js is not on the class path
     */
    public static void write(Path file, Comparison comparison) throws IOException {
        HtmlTemplate.write(file, "comparison", ComparisonView.of(comparison, ChartLibrary.load()));
    }
}
