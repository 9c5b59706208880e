package org.bncnn.bench;

import java.io.IOException;

/** A contender that cannot do what it was assigned; the message says why. */
final class WorkerException extends IOException {
    private static final long serialVersionUID = 1L;

    WorkerException(String reason) {
        super(reason);
    }
}
