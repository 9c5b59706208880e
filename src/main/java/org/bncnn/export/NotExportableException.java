package org.bncnn.export;

/** A model that a format cannot hold. The message is one line: which layer, and why. */
public final class NotExportableException extends Exception {
    private static final long serialVersionUID = 1L;

    /**
     * Says what cannot be exported.
     *
     * @param message one line
     */
    public NotExportableException(String message) {
        super(message);
    }

    /**
     * Says what cannot be exported, and why.
     *
     * @param message one line
     * @param cause what the message is from
     */
    public NotExportableException(String message, Throwable cause) {
        super(message, cause);
    }
}
