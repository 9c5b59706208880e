package org.bncnn.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.bncnn.store.JsonFile;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The option {@code --json}, the same for every command that has a result. */
final class JsonOption {
    @Option(
            names = "--json",
            paramLabel = "FILE",
            converter = PathName.OfNewFile.class,
            description = "Write the result to a JSON file too.")
    private Path file;

    @Mixin
    private ForceOption force;

    /**
     * To be called before any work begins.
     *
     * @param others files that the command writes beside it; null for those that it does not
     * @throws java.nio.file.FileAlreadyExistsException if one of them is there and is not to be overwritten
     */
    void check(Path... others) throws IOException {
        force.check(
                Stream.concat(Stream.ofNullable(file), Arrays.stream(others)).toArray(Path[]::new));
    }

    void write(Object result) throws IOException {
        if (file != null) {
            JsonFile.write(file, result);
        }
    }
}
