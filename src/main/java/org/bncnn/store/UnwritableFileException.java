package org.bncnn.store;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;

/** A file or folder cannot be written. The message is one line: which, and why. */
public final class UnwritableFileException extends IOException {
    private static final long serialVersionUID = 1L;

    /**
     * Says what cannot be written, and why.
     *
     * @param file or folder that cannot be written
     * @param cause whose reason the message has
     */
    public UnwritableFileException(Path file, IOException cause) {
        super(file + ": cannot be written (" + reason(cause) + ")", cause);
    }

    /** The message of a {@link FileSystemException} is the path alone, unless the system gave a reason. */
    static String reason(IOException cause) {
        if (cause instanceof FileSystemException failure) {
            return failure.getReason() == null ? failure.getClass().getSimpleName() : failure.getReason();
        }
        return cause.getMessage();
    }
}
