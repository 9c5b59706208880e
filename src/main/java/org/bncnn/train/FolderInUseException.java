package org.bncnn.train;

import java.io.IOException;
import java.nio.file.Path;

/** A folder belongs to another process, which writes to it. */
public final class FolderInUseException extends IOException {
    private static final long serialVersionUID = 1L;

    /** @param owner in words, such as {@code process 1234} */
    FolderInUseException(Path folder, String owner) {
        super(folder + ": is in use by " + owner + "; wait until it ends, or name another folder");
    }
}
