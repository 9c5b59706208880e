package org.bncnn.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;
import java.util.stream.Stream;

/** Writes a file so that, whatever happens, its name holds either what it held before or the whole new content. */
public final class AtomicFile {
    private static final String TEMPORARY = ".bncnn-tmp";

    private AtomicFile() {}

    /** Writes content to a path. */
    @FunctionalInterface
    public interface Writer {
        void writeTo(Path file) throws IOException;
    }

    /**
     * Lets the content be written to a temporary file in the same folder, forces it to disk, and moves it into place.
     *
     * @throws UnwritableFileException if any of that fails; the temporary file is gone then, and the target is as it was
     */
    public static void write(Path target, Writer writer) throws IOException {
        // Not createTempFile, which would leave the target readable by its owner only.
        Path temporary = target.resolveSibling("." + target.getFileName() + "." + UUID.randomUUID() + TEMPORARY);
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
            Files.deleteIfExists(temporary);
        }
    }

    /** Deletes the temporary files that a killed process left in a folder. */
    public static void deleteLeftovers(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(AtomicFile::isLeftover).toList()) {
                Files.delete(file);
            }
        }
    }

    /** {@return whether a file is one of these temporary files} */
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
