package org.bncnn.data;

import java.io.IOException;

/** A dataset cannot be found, fetched or read. The message is one line: which file, what is wrong with it, and what to do. */
public final class DatasetException extends IOException {
    private static final long serialVersionUID = 1L;

    public DatasetException(String message) {
        super(message);
    }

    public DatasetException(String message, Throwable cause) {
        super(message, cause);
    }
}
