package org.bncnn.export;

/** A model that a format has no words for. The message is one line: which layer, and why. */
public final class NotExportableException extends Exception {
    private static final long serialVersionUID = 1L;

    public NotExportableException(String message) {
        super(message);
    }

    public NotExportableException(String message, Throwable cause) {
        super(message, cause);
    }
}
