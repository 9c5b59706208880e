package org.bncnn.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A file to write. What prevents that is found when the option is read, not when the work is done. */
final class OutputFile implements ITypeConverter<Path> {
    @Override
    public Path convert(String name) {
        try {
            return requireWritable(PathName.of(name));
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException(e.getMessage());
        }
    }

    /** @throws IllegalArgumentException if no file can be written there */
    static Path requireWritable(Path file) {
        if (Files.exists(file) && !Files.isRegularFile(file)) {
            throw new IllegalArgumentException("'" + file + "' is not a file; name a new one");
        }
        Path folder = file.toAbsolutePath().getParent();
        if (folder == null || !Files.isDirectory(folder)) {
            throw new IllegalArgumentException("there is no folder " + folder + " to write '" + file + "' into");
        }
        if (!Files.isWritable(folder)) {
            throw new IllegalArgumentException("you may not write into the folder " + folder);
        }
        return file;
    }
}
