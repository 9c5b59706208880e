package org.bncnn.store;

import java.io.IOException;

/** A model file cannot be read. The message is one line: which file, what is wrong with it, and what to do. */
public final class ModelFileException extends IOException {
    private static final long serialVersionUID = 1L;

    public ModelFileException(String message, Throwable cause) {
        super(message, cause);
    }
}
