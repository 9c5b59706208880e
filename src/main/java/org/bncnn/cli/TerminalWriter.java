package org.bncnn.cli;

import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import org.bncnn.text.Printable;

/**
 * Standard output or standard error. {@link #println(String)} writes one line whatever the text holds, and what {@link #printf} is given is
 * part of a line; only {@link #print(String)} writes several. All are flushed, and none writes what a terminal would obey.
 */
final class TerminalWriter extends PrintWriter {
    TerminalWriter(OutputStream out) {
        super(out, true, StandardCharsets.UTF_8);
    }

    @Override
    public void println(String line) {
        super.println(Printable.line(String.valueOf(line)));
    }

    @Override
    public void print(String lines) {
        super.print(lines);
        flush(); // as println does
    }

    @Override
    public PrintWriter format(String format, Object... values) {
        return format(Locale.ROOT, format, values);
    }

    @Override
    public PrintWriter format(Locale locale, String format, Object... values) {
        return super.format(
                locale,
                format,
                Arrays.stream(values)
                        .map(value -> value instanceof Number ? value : Printable.line(String.valueOf(value)))
                        .toArray());
    }

    @Override
    public void write(String text, int offset, int length) {
        String shown = Printable.lines(text.substring(offset, offset + length).replace(System.lineSeparator(), "\n"))
                .replace("\n", System.lineSeparator());
        super.write(shown, 0, shown.length());
    }

    @Override
    public void write(int character) {
        write(Character.toString(character));
    }

    @Override
    public void write(char[] text, int offset, int length) {
        write(new String(text, offset, length));
    }
}
