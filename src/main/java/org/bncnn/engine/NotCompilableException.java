package org.bncnn.engine;

/** A network, or one kind of input to it, that a plan cannot be made for; the message says why. */
final class NotCompilableException extends Exception {
    private static final long serialVersionUID = 1L;

    NotCompilableException(String message) {
        super(message);
    }

    NotCompilableException(String message, Throwable cause) {
        super(message, cause);
    }
}
