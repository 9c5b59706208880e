package org.bncnn.report;

import com.samskivert.mustache.Escapers;
import com.samskivert.mustache.Mustache;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.bncnn.store.AtomicFile;
import org.bncnn.text.Printable;

/**
 * The Mustache templates beside this class. What they show is escaped for HTML or Markdown, and has no characters that cannot be seen,
 * except between three braces; a name that the view does not have is an error.
 */
final class HtmlTemplate {
    private HtmlTemplate() {}

    /** {@return the page that the template of that name, with its partials, makes of the view} */
    static String render(String name, Object view) throws IOException {
        return render(name, view, Escapers.HTML);
    }

    /** {@return the same for a template in Markdown} */
    static String renderMarkdown(String name, Object view) throws IOException {
        return render(name, view, Markdown::escape);
    }

    private static String render(String name, Object view, Mustache.Escaper escaper) throws IOException {
        return Mustache.compiler()
                .withEscaper(shown -> escaper.escape(Printable.line(shown)))
                .strictSections(true)
                .withLoader(HtmlTemplate::open)
                .compile(open(name))
                .execute(view);
    }

    /** Writes what the template of that name makes of the view, whole or not at all. */
    static void write(Path file, String name, Object view) throws IOException {
        String page = render(name, view);
        AtomicFile.write(file, temporary -> Files.writeString(temporary, page));
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
