package org.bncnn.data;

import java.io.IOException;
import java.util.List;
import org.bncnn.text.Printable;

/**
 * A dataset or an image cannot be found, fetched or read. The message is one line: which file, what is wrong, and what
 * to do.
 */
public final class DatasetException extends IOException {
    private static final long serialVersionUID = 1L;
    private static final int MOST_NAMED = 5;

    /**
     * Says what failed.
     *
     * @param message one line
     */
    public DatasetException(String message) {
        super(message);
    }

    /**
     * Says what failed, and why.
     *
     * @param message one line
     * @param cause of it; null if there is none
     */
    public DatasetException(String message, Throwable cause) {
        super(message, cause);
    }

    /** {@return a list for a message, shortened to its first elements}, such as {@code a, b, c, d, e and 12 more} */
    static String shortened(List<?> elements) {
        return Printable.shortened(elements, MOST_NAMED, String::valueOf);
    }
}
