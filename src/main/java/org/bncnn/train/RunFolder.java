package org.bncnn.train;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import org.bncnn.eval.EvaluationResult;
import org.bncnn.store.AtomicFile;
import org.bncnn.store.JsonFile;
import org.bncnn.store.ModelFile;

/**
 * The folder that holds everything one training produced: {@code model.zip}, {@code metrics.jsonl},
 * {@code provenance.json}, {@code evaluation.json}, and what is needed to resume, {@code training.json} and
 * {@code checkpoints}.
 *
 * @param path path of the folder
 */
public record RunFolder(Path path) {
    private static final String PROVENANCE = "provenance.json";
    private static final String EVALUATION = "evaluation.json";

    /**
     * Takes the folder of a training that is to be resumed, and deletes what a killed process left half-written.
     *
     * @param path path of the folder
     * @return the folder, taken
     * @throws NoSuchFileException if it holds no training
     * @throws FileSystemException if the training has not ended, or was resumed by another process
     * @throws IOException if its settings are damaged, or it cannot be written
     */
    public static FolderLock takeToResume(Path path) throws IOException {
        RunFolder folder = new RunFolder(path);
        folder.settings(); // before anything is made in a folder that is no run
        return FolderLock.take(path, () -> {
            AtomicFile.deleteLeftovers(path);
            if (Files.isDirectory(folder.checkpointFolder())) {
                AtomicFile.deleteLeftovers(folder.checkpointFolder());
            }
        });
    }

    /**
     * {@return the settings of the training}
     *
     * @throws NoSuchFileException if they are unknown: only trainings that can be resumed have them
     * @throws IOException if they are damaged, or not those that the training began with
     */
    public TrainingSettings settings() throws IOException {
        if (!hasSettings()) {
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

    /** {@return whether it holds a training that can be resumed} */
    public boolean hasSettings() {
        return Files.exists(settingsFile());
    }

    /**
     * Writes the settings of the training.
     *
     * @param settings the settings
     * @throws IOException if they cannot be written
     */
    public void write(TrainingSettings settings) throws IOException {
        JsonFile.write(settingsFile(), settings);
    }

    private Path settingsFile() {
        return path.resolve("training.json");
    }

    /** {@return the path of the model file} */
    public Path model() {
        return path.resolve("model.zip");
    }

    /** {@return the path of the report} */
    public Path report() {
        return path.resolve("report.html");
    }

    Path metricsFile() {
        return path.resolve("metrics.jsonl");
    }

    /**
     * {@return the metrics of the training until now}
     *
     * @throws NoSuchFileException if the folder holds no metrics
     * @throws IOException if they cannot be read, or are damaged
     */
    public Metrics metrics() throws IOException {
        if (!Files.isRegularFile(metricsFile())) {
            throw new NoSuchFileException(path + ": holds no metrics.jsonl; name a run folder that bncnn train made");
        }
        return MetricsFile.read(metricsFile());
    }

    Checkpoints checkpoints(int kept) {
        return new Checkpoints(checkpointFolder(), kept);
    }

    private Path checkpointFolder() {
        return path.resolve("checkpoints");
    }

    /**
     * {@return the provenance of the training; empty if it has not begun}
     *
     * @throws IOException if the file is damaged
     */
    public Optional<Provenance> provenance() throws IOException {
        return read(PROVENANCE, Provenance.class);
    }

    private <T> Optional<T> read(String name, Class<T> type) throws IOException {
        Path file = path.resolve(name);
        return Files.exists(file) ? Optional.of(JsonFile.read(file, type)) : Optional.empty();
    }

    void write(Provenance provenance) throws IOException {
        JsonFile.write(path.resolve(PROVENANCE), provenance);
    }

    /**
     * {@return the measurement at the end; empty if the training has not ended}
     *
     * @throws IOException if the file is damaged
     */
    public Optional<EvaluationResult> evaluation() throws IOException {
        return read(EVALUATION, EvaluationResult.class);
    }

    void write(EvaluationResult evaluation) throws IOException {
        JsonFile.write(path.resolve(EVALUATION), evaluation);
    }

    void write(ModelFile model) throws IOException {
        model.save(model(), true);
    }
}
