package org.bncnn.cli;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A path. An empty one, as an unset variable of a script gives it, is not taken for the working directory. */
final class PathName implements ITypeConverter<Path> {
    @Override
    public Path convert(String name) {
        return of(name);
    }

    /** @throws TypeConversionException if it is no path */
    static Path of(String name) {
        if (name.isEmpty()) {
            throw new TypeConversionException("the path is empty");
        }
        try {
            return Path.of(name);
        } catch (InvalidPathException e) {
            throw new TypeConversionException("no path is called that (" + e.getReason() + ")");
        }
    }
}
