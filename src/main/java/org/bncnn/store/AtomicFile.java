package org.bncnn.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;
import java.util.stream.Stream;

/** Writes a file so that its name holds either the old content or the whole new content, whatever happens. */
public final class AtomicFile {
    private static final String TEMPORARY = ".bncnn-tmp";

    private AtomicFile() {}

    /** Writes content to a path. */
    @FunctionalInterface
    public interface Writer {
        /**
         * Writes all of the content.
         *
         * @param file to write, a temporary one
         * @throws IOException if that fails
         */
        void writeTo(Path file) throws IOException;
    }

    /**
     * Lets the content be written to a temporary file in the same folder, forces it to disk, and moves it into place.
     *
     * @param target the file whose name holds the content afterwards
     * @param writer of the content
     * @throws UnwritableFileException if that fails; the temporary file is gone then, and the target is as it was
     */
    public static void write(Path target, Writer writer) throws UnwritableFileException {
        // Not createTempFile, which would leave the target readable by its owner only; not the target's name, which may
        // be as long as names can be.
        Path temporary = target.resolveSibling("." + UUID.randomUUID() + TEMPORARY);
        try {
            writer.writeTo(temporary);
            try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            forceFolder(target.toAbsolutePath().getParent());
        } catch (IOException e) {
            throw new UnwritableFileException(target, e);
        } finally {
            discard(temporary);
        }
    }

    /** Where even that fails, as in a folder that is a file, the failure before says why. */
    private static void discard(Path temporary) {
        try {
            Files.deleteIfExists(temporary);
        } catch (IOException e) {
            // It is the target that could not be written.
        }
    }

    /**
     * Deletes the temporary files that a killed process left in a folder.
     *
     * @param folder to clean
     * @throws IOException if one cannot be deleted
     */
    public static void deleteLeftovers(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(AtomicFile::isLeftover).toList()) {
                Files.delete(file);
            }
        }
    }

    /**
     * {@return whether a file is one of these temporary files}
     *
     * @param file a file of any name
     */
    public static boolean isLeftover(Path file) {
        return file.toString().endsWith(TEMPORARY);
    }

    /** Makes the new name survive a power failure, where the system lets a folder be opened. */
    private static void forceFolder(Path folder) {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException notOnWindows) {
            // The content is safe; the name is, once the system gets to it.
        }
    }
}
