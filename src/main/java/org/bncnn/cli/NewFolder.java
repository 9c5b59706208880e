package org.bncnn.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A folder to write into, which is made if need be, with those above it. */
final class NewFolder implements ITypeConverter<Path> {
    @Override
    public Path convert(String name) {
        Path folder = PathName.of(name);
        Path existing = folder.toAbsolutePath();
        while (!Files.exists(existing)) {
            existing = existing.getParent();
        }
        if (!Files.isDirectory(existing)) {
            throw new TypeConversionException(existing + " is not a folder; name a new one");
        }
        if (!Files.isWritable(existing)) {
            throw new TypeConversionException("you may not write into the folder " + existing);
        }
        return folder;
    }
}
