package org.bncnn.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;

/**
 * A file or folder that is recognised even if another one has its name. A system lets a process write to a file that
 * somebody has deleted, and nobody would read that.
 *
 * @param key the file's identity; null where the file system has none
 */
record KnownFile(Path path, Object key) {
    /** {@return the file as it is now} */
    static KnownFile of(Path path) throws IOException {
        return new KnownFile(
                path, Files.readAttributes(path, BasicFileAttributes.class).fileKey());
    }

    /** @throws IOException if the file was deleted or replaced */
    void requireSame() throws IOException {
        if (!Files.exists(path) || !Objects.equals(of(path).key, key)) {
            throw new IOException(path + ": was deleted or replaced during the training");
        }
    }
}
