package org.bncnn.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;
import org.bncnn.eval.EvaluationResult;
import org.bncnn.store.AtomicFile;
import org.bncnn.store.JsonFile;
import org.bncnn.store.ModelFile;

/**
 * The folder that holds everything one training produced: {@code model.zip}, {@code metrics.jsonl}, {@code provenance.json},
 * {@code evaluation.json}, and what it takes to go on, {@code training.json} and {@code checkpoints}.
 *
 * @param path of the folder
 */
public record RunFolder(Path path) {
    private static final DateTimeFormatter NAME = DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss", Locale.ROOT);

    /**
     * Takes the folder of a training that is to go on, and deletes what a killed process left half-written.
     *
     * @throws NoSuchFileException if it holds none
     * @throws FolderInUseException if the training has not ended, or was resumed by another process
     */
    public static FolderLock takeToResume(Path path) throws IOException {
        RunFolder folder = new RunFolder(path);
        folder.settings(); // before anything is made in a folder that is no run
        FolderLock lock = FolderLock.take(path);
        try {
            AtomicFile.deleteLeftovers(path);
            folder.checkpoints(1).deleteLeftovers();
            return lock;
        } catch (IOException e) {
            lock.close();
            throw e;
        }
    }

    /** {@return the name of a folder below {@code runs}, after the time and what is run} */
    public static Path named(LocalDateTime time, String what) {
        return Path.of("runs", time.format(NAME) + "-" + what);
    }

    /**
     * {@return what the training was told to do}
     *
     * @throws NoSuchFileException if that is not known: only trainings that can go on have it
     * @throws IOException if it is damaged, or not what the training began with
     */
    public TrainingSettings settings() throws IOException {
        if (!Files.exists(settingsFile())) {
            throw new NoSuchFileException(
                    path + ": holds no training that could go on; name a run folder that bncnn train made");
        }
        TrainingSettings settings = JsonFile.read(settingsFile(), TrainingSettings.class);
        Optional<Provenance> begun = provenance();
        try {
            begun.ifPresent(settings::requireSame);
        } catch (IllegalArgumentException e) {
            throw new IOException(settingsFile() + ": " + e.getMessage(), e);
        }
        return settings;
    }

    /** {@return whether it holds a training that could go on} */
    public boolean hasSettings() {
        return Files.exists(settingsFile());
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
                ? Optional.of(JsonFile.read(provenanceFile(), Provenance.class))
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
                ? Optional.of(JsonFile.read(evaluationFile(), EvaluationResult.class))
                : Optional.empty();
    }

    void write(EvaluationResult evaluation) throws IOException {
        JsonFile.write(evaluationFile(), evaluation);
    }

    void write(ModelFile model) throws IOException {
        model.save(model(), true);
    }
}
