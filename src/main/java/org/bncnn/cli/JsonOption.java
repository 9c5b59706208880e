package org.bncnn.cli;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.bncnn.store.JsonFile;
import picocli.CommandLine.Option;

/** The option {@code --json}, the same for every command that has a result, with {@code --force}. */
final class JsonOption extends ForceOption {
    @Option(
            names = "--json",
            paramLabel = "FILE",
            converter = PathName.OfNewFile.class,
            description = "Write the result to a JSON file too.")
    private Path file;

    @Override
    void check(Path... others) throws FileAlreadyExistsException {
        super.check(
                Stream.concat(Stream.ofNullable(file), Arrays.stream(others)).toArray(Path[]::new));
    }

    void write(Object result) throws IOException {
        if (file != null) {
            JsonFile.write(file, result);
        }
    }
}
