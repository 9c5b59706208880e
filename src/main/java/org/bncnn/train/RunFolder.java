package org.bncnn.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.bncnn.eval.EvaluationResult;
import org.bncnn.store.AtomicFile;
import org.bncnn.store.JsonFile;
import org.bncnn.store.ModelFile;
import org.bncnn.store.UnwritableFileException;

/**
 * The folder that holds everything one training produced: {@code model.zip}, {@code metrics.jsonl}, {@code provenance.json},
 * {@code evaluation.json}, and what it takes to go on, {@code training.json} and {@code checkpoints}.
 *
 * @param path of the folder
 */
public record RunFolder(Path path) {
    private static final DateTimeFormatter NAME = DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss", Locale.ROOT);

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
        AtomicFile.deleteLeftovers(path);
        try (Stream<Path> content = Files.list(path)) {
            if (content.findAny().isPresent()) {
                throw new FileAlreadyExistsException(path + ": is not empty; name a new folder with --out");
            }
        }
        return new RunFolder(path);
    }

    /**
     * Opens the folder of a training that is to go on.
     *
     * @throws NoSuchFileException if it holds none
     */
    public static RunFolder open(Path path) throws IOException {
        RunFolder folder = new RunFolder(path);
        if (!Files.isRegularFile(folder.settingsFile())) {
            throw new NoSuchFileException(
                    path + ": holds no training that could go on; name a run folder that bncnn train made");
        }
        AtomicFile.deleteLeftovers(path);
        folder.checkpoints(1).deleteLeftovers();
        return folder;
    }

    /** {@return a folder below {@code runs} that is named after the time and what is run} */
    public static Path named(LocalDateTime time, String what) {
        return Path.of("runs", time.format(NAME) + "-" + what);
    }

    /** {@return what the training was told to do} */
    public TrainingSettings settings() throws IOException {
        return read(settingsFile(), TrainingSettings.class);
    }

    private static <T> T read(Path file, Class<T> type) throws IOException {
        try {
            return JsonFile.read(file, type);
        } catch (JsonProcessingException e) {
            throw new IOException(
                    file + ": is damaged ("
                            + e.getOriginalMessage().lines().findFirst().orElse("") + ")",
                    e);
        }
    }

    public void write(TrainingSettings settings) throws IOException {
        JsonFile.write(settingsFile(), settings);
    }

    private Path settingsFile() {
        return path.resolve("training.json");
    }

    private Path provenanceFile() {
        return path.resolve("provenance.json");
    }

    public Path model() {
        return path.resolve("model.zip");
    }

    /** {@return where its page is} */
    public Path report() {
        return path.resolve("report.html");
    }

    Path metricsFile() {
        return path.resolve("metrics.jsonl");
    }

    /**
     * {@return how the training went until now}
     *
     * @throws NoSuchFileException if the folder holds no metrics
     */
    public Metrics metrics() throws IOException {
        if (!Files.isRegularFile(metricsFile())) {
            throw new NoSuchFileException(path + ": holds no metrics.jsonl; name a run folder that bncnn train made");
        }
        return MetricsFile.read(metricsFile());
    }

    Checkpoints checkpoints(int kept) {
        return new Checkpoints(path.resolve("checkpoints"), kept);
    }

    /** {@return what an earlier part of the training was made of; empty if there was none} */
    public Optional<Provenance> provenance() throws IOException {
        return Files.exists(provenanceFile())
                ? Optional.of(read(provenanceFile(), Provenance.class))
                : Optional.empty();
    }

    void write(Provenance provenance) throws IOException {
        JsonFile.write(provenanceFile(), provenance);
    }

    private Path evaluationFile() {
        return path.resolve("evaluation.json");
    }

    /** {@return the measurement at the end; empty if there was none yet} */
    public Optional<EvaluationResult> evaluation() throws IOException {
        return Files.exists(evaluationFile())
                ? Optional.of(read(evaluationFile(), EvaluationResult.class))
                : Optional.empty();
    }

    void write(EvaluationResult evaluation) throws IOException {
        JsonFile.write(evaluationFile(), evaluation);
    }

    void write(ModelFile model) throws IOException {
        model.save(model(), true);
    }
}
