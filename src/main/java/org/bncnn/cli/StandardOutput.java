package org.bncnn.cli;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Locale;

/**
 * Standard output that remembers what went wrong with it. Java's print streams hide it, and work that is under way, such as a training,
 * should not end because nobody reads its progress.
 */
final class StandardOutput extends FilterOutputStream {
    /** What a shell reports of a program that ended because its reader had: 128 + SIGPIPE. Scripts know it from every other program. */
    static final int READER_GONE = 141;

    private IOException failure;

    StandardOutput(OutputStream out) {
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

    /** {@return what went wrong first}; null if nothing did */
    IOException failure() {
        return failure;
    }

    /** {@return whether nobody reads it any more}, as with {@code | head -1} */
    boolean isReaderGone() {
        return failure != null
                && String.valueOf(failure.getMessage()).toLowerCase(Locale.ROOT).contains("broken pipe");
    }
}
