package org.bncnn.train;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.stream.Stream;
import org.bncnn.eval.EvaluationResult;
import org.bncnn.store.JsonFile;
import org.bncnn.store.ModelFile;
import org.bncnn.store.UnwritableFileException;

/**
 * The folder that holds everything one training produced: {@code model.zip}, {@code metrics.jsonl}, {@code provenance.json} and
 * {@code evaluation.json}.
 *
 * @param path of the folder
 */
public record RunFolder(Path path) {
    private static final DateTimeFormatter NAME = DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss");

    /**
     * Makes the folder for a new training.
     *
     * @throws FileAlreadyExistsException if it exists and is not empty: what an earlier training left is never overwritten
     */
    public static RunFolder create(Path path) throws IOException {
        try {
            Files.createDirectories(path);
        } catch (IOException e) {
            throw new UnwritableFileException(path, e);
        }
        try (Stream<Path> content = Files.list(path)) {
            if (content.findAny().isPresent()) {
                throw new FileAlreadyExistsException(path + ": is not empty; name a new folder with --out");
            }
        }
        return new RunFolder(path);
    }

    /** {@return a folder below {@code runs} that is named after the time and what is run} */
    public static Path named(LocalDateTime time, String what) {
        return Path.of("runs", time.format(NAME) + "-" + what);
    }

    public Path model() {
        return path.resolve("model.zip");
    }

    Path metrics() {
        return path.resolve("metrics.jsonl");
    }

    void write(Provenance provenance) throws IOException {
        JsonFile.write(path.resolve("provenance.json"), provenance);
    }

    void write(EvaluationResult evaluation) throws IOException {
        JsonFile.write(path.resolve("evaluation.json"), evaluation);
    }

    void write(ModelFile model) throws IOException {
        model.save(model());
    }
}
