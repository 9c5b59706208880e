package org.bncnn.cli;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import org.bncnn.text.Printable;

/**
 * Standard output or standard error. {@link #println(String)} writes one line whatever the text holds, and what
 * {@link #printf} is given is part of a line; only {@link #print(String)} writes several. All are flushed, and none
 * writes what a terminal would obey.
 *
 * <p>The writer remembers what went wrong, which Java's print streams hide: work, such as a training, should not end
 * because nobody reads its progress.
 */
final class TerminalWriter extends PrintWriter {
    /** Exit code of a program that ended because its reader had, in any shell: 128 + SIGPIPE. */
    static final int READER_GONE = 141;

    private final Stream stream;

    TerminalWriter(OutputStream out) {
        this(new Stream(out));
    }

    private TerminalWriter(Stream stream) {
        super(stream, true, StandardCharsets.UTF_8);
        this.stream = stream;
    }

    private static final class Stream extends FilterOutputStream {
        private IOException failure;

        Stream(OutputStream out) {
            super(out);
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            try {
                out.write(bytes, offset, length);
            } catch (IOException e) {
                failure = failure == null ? e : failure;
                throw e;
            }
        }
    }

    /** {@return what went wrong first}; null if nothing did */
    IOException failure() {
        return stream.failure;
    }

    /** {@return whether nobody reads it any more}, as with {@code | head -1} */
    boolean isReaderGone() {
        return failure() != null
                && String.valueOf(failure().getMessage())
                        .toLowerCase(Locale.ROOT)
                        .contains("broken pipe");
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
