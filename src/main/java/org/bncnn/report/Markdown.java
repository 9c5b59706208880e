package org.bncnn.report;

import java.util.regex.Pattern;

/** Text within a paragraph, a heading or a cell of a table in CommonMark, with GitHub's tables and links. */
final class Markdown {
    private static final Pattern MARKUP = Pattern.compile("[\\\\`*_\\[\\]{}|~#]|:(?=//)|(?<=www)\\.|@");

    private Markdown() {}

    /** {@return a line of text that is shown as it is}: nothing in it is markup, HTML or a link */
    static String escape(String line) {
        return MARKUP.matcher(line)
                .replaceAll("\\\\$0")
                .replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;");
    }
}
