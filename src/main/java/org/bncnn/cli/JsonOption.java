package org.bncnn.cli;

import java.io.IOException;
import java.nio.file.Path;
import org.bncnn.store.JsonFile;
import picocli.CommandLine.Option;

/** The option {@code --json}, the same for every command that has a result. */
final class JsonOption {
    @Option(
            names = "--json",
            paramLabel = "FILE",
            converter = NewFile.class,
            description = "Write the result to a JSON file too.")
    private Path file;

    void write(Object result) throws IOException {
        if (file != null) {
            JsonFile.write(file, result);
        }
    }
}
