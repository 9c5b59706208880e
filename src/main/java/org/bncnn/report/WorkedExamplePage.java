package org.bncnn.report;

import java.io.IOException;
import java.nio.file.Path;
import org.bncnn.explain.WorkedExample;

/** A {@link WorkedExample} as one HTML file. */
public final class WorkedExamplePage {
    private WorkedExamplePage() {}

    /**
     * Writes the page, whole or not at all. It needs nothing but a browser.
     *
     * @param file the page
     * @param example its content
     * @throws IOException if the file cannot be written
     */
    public static void write(Path file, WorkedExample example) throws IOException {
        HtmlTemplate.write(file, HtmlTemplate.render("worked-example", example));
    }
}
