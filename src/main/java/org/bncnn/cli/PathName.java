package org.bncnn.cli;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * A path. An empty one, as an unset variable of a script gives it, is not the working directory. Whatever prevents
 * writing to it is found when the option is read, not when the work is done.
 */
class PathName implements ITypeConverter<Path> {
    @Override
    public Path convert(String name) {
        if (name.isEmpty()) {
            throw new TypeConversionException("the path is empty");
        }
        try {
            return Path.of(name);
        } catch (InvalidPathException e) {
            throw new TypeConversionException("no path is called that (" + e.getReason() + ")");
        }
    }

    private static void requireWritable(Path folder) {
        if (!Files.isWritable(folder)) {
            throw new TypeConversionException("you may not write into the folder " + folder);
        }
    }

    /** A file to write. */
    static final class OfNewFile extends PathName {
        @Override
        public Path convert(String name) {
            Path file = super.convert(name);
            if (Files.exists(file) && !Files.isRegularFile(file)) {
                throw new TypeConversionException("'" + file + "' is not a file; name a new one");
            }
            Path folder = file.toAbsolutePath().getParent();
            if (folder == null || !Files.isDirectory(folder)) {
                throw new TypeConversionException("there is no folder " + folder + " to write '" + file + "' into");
            }
            requireWritable(folder);
            return file;
        }
    }

    /** A folder to write into, which is made if need be, with those above it. */
    static final class OfNewFolder extends PathName {
        @Override
        public Path convert(String name) {
            Path folder = super.convert(name);
            Path existing = folder.toAbsolutePath();
            while (!Files.exists(existing)) {
                existing = existing.getParent();
            }
            if (!Files.isDirectory(existing)) {
                throw new TypeConversionException(existing + " is not a folder; name a new one");
            }
            requireWritable(existing);
            return folder;
        }
    }
}
