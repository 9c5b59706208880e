package org.bncnn.report;

import com.samskivert.mustache.DefaultCollector;
import com.samskivert.mustache.Escapers;
import com.samskivert.mustache.Mustache;
import com.samskivert.mustache.Mustache.VariableFetcher;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.bncnn.store.AtomicFile;
import org.bncnn.text.Numbers;
import org.bncnn.text.Printable;

/**
 * The Mustache templates beside this class. A name in a template may have the format of its number behind a bar, such
 * as {@code {{loss|%.4f}}}; a format that ends in {@code %%} shows a share in percent. Text is escaped for HTML or
 * Markdown and has no characters that cannot be seen, except between three braces. A name that the view does not have
 * is an error.
 */
final class HtmlTemplate {
    /** Markup of CommonMark within a line, with GitHub's tables and links. */
    private static final Pattern MARKUP = Pattern.compile("[\\\\`*_\\[\\]{}|~#]|:(?=//)|(?<=www)\\.|@");

    private static final String THIS = "this";

    private HtmlTemplate() {}

    /** {@return the page that the template of that name, with its partials, makes of the view} */
    static String render(String name, Object view) throws IOException {
        return render(name, view, Escapers.HTML);
    }

    /** {@return the text that a template in Markdown makes of the view} */
    static String renderMarkdown(String name, Object view) throws IOException {
        return render(name, view, HtmlTemplate::escapeMarkdown);
    }

    /** {@return the page that the template of that name makes of the view and the charts} */
    static String render(String name, Map<String, ?> view, List<Chart> charts) throws IOException {
        Map<String, Object> whole = new HashMap<>(view);
        whole.put("chartData", Chart.json(charts));
        whole.put("chartLibrary", Chart.Library.load());
        return render(name, whole);
    }

    /** Writes a page, whole or not at all. */
    static void write(Path file, String page) throws IOException {
        AtomicFile.write(file, temporary -> Files.writeString(temporary, page));
    }

    private static String render(String name, Object view, Mustache.Escaper escaper) throws IOException {
        return Mustache.compiler()
                .withEscaper(shown -> escaper.escape(Printable.line(shown)))
                .withCollector(new FormattingCollector())
                .strictSections(true)
                .withLoader(HtmlTemplate::open)
                .compile(open(name))
                .execute(view);
    }

    /** Finds {@code name|format} in a view: the number of that name, formatted. */
    private static final class FormattingCollector extends DefaultCollector {
        @Override
        public VariableFetcher createFetcher(Object view, String name) {
            int bar = name.indexOf('|');
            if (bar < 0) {
                return super.createFetcher(view, name);
            }
            String plain = name.substring(0, bar);
            String format = name.substring(bar + 1);
            VariableFetcher fetcher = plain.equals(THIS) ? (self, same) -> self : super.createFetcher(view, plain);
            return fetcher == null ? null : (from, whole) -> formatted(fetcher.get(from, plain), format);
        }
    }

    private static Object formatted(Object value, String format) {
        if (!(value instanceof Number number)) {
            return value;
        }
        if (!(value instanceof Double)) {
            return Numbers.format(format, number);
        }
        double shown = number.doubleValue() * (format.endsWith("%%") ? 100 : 1);
        return Numbers.format(format, shown == 0 ? 0.0 : shown).replaceFirst("^-", "−");
    }

    private static String escapeMarkdown(String line) {
        return MARKUP.matcher(line)
                .replaceAll("\\\\$0")
                .replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;");
    }

    private static Reader open(String name) throws IOException {
        return new StringReader(resource(name + ".mustache"));
    }

    /** {@return the text of a resource, whose path is relative to this package unless it starts with a slash} */
    static String resource(String path) throws IOException {
        try (InputStream in = HtmlTemplate.class.getResourceAsStream(path)) {
            if (in == null) {
                throw new FileNotFoundException(path + " is not on the class path");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
