package org.bncnn.store;

import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Path;
import org.bncnn.text.Printable;

/** A file of a model or of weights cannot be read. The message is one line: which file, why, and what to do. */
public final class ModelFileException extends IOException {
    private static final long serialVersionUID = 1L;

    /**
     * Says what failed, and why.
     *
     * @param message one line
     * @param cause null if there is none
     */
    public ModelFileException(String message, Throwable cause) {
        super(message, cause);
    }

    /**
     * {@return the exception of a file that was found to be damaged or hostile}
     *
     * @param file that is refused
     * @param kind of file that it should be, such as "a model"
     * @param why it is refused
     */
    public static ModelFileException refused(Path file, String kind, Throwable why) {
        return new ModelFileException(file + ": is refused as " + kind + ": " + reason(why), why);
    }

    /** {@return why something failed, in one line} */
    static String reason(Throwable failure) {
        if (failure instanceof EOFException) {
            return "it ends too early";
        }
        String message = failure.getMessage() == null ? failure.toString() : failure.getMessage();
        return Printable.excerpt(message.lines().findFirst().orElse(""));
    }
}
