package org.bncnn.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.bncnn.store.AtomicFile;
import org.bncnn.store.ModelFile;
import org.bncnn.store.ModelFileException;
import org.bncnn.store.UnwritableFileException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The checkpoints of a run: model files that also hold the {@link TrainingState}. The last few are kept, and the network of the epoch with the
 * highest accuracy as {@code best.zip}. Where parameters are averaged, the average is a model file of its own beside each.
 */
final class Checkpoints {
    private static final Logger log = LoggerFactory.getLogger(Checkpoints.class);

    private static final String EPOCH = "epoch-";
    private static final String AVERAGE = "average-";

    /**
     * One of them.
     *
     * @param model the network as it is trained on
     * @param average the network that is measured; null if it is the same
     */
    record Checkpoint(ModelFile model, ModelFile average) {}

    private final Path folder;
    private final int kept;

    /** @param kept how many stay, at least 1 */
    Checkpoints(Path folder, int kept) {
        this.folder = folder;
        this.kept = kept;
    }

    /**
     * @param model the network as it is trained on
     * @param average of its parameters, which is measured
     */
    void save(ModelFile model, WeightAverage average, TrainingState state) throws IOException {
        Path file = folder.resolve(name(state));
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UnwritableFileException(folder, e);
        }
        if (average.isKept()) {
            average.inPlace(() -> model.save(averageOf(file), false));
        }
        model.save(file, true);
        if (state.batches() == 0 && isBest(state.epochs())) {
            Path measured = average.isKept() ? averageOf(file) : file;
            AtomicFile.write(best(), temporary -> Files.copy(measured, temporary));
        }
        List<Path> all = list();
        for (Path old : all.subList(0, Math.max(0, all.size() - kept))) {
            Files.delete(old);
            Files.deleteIfExists(averageOf(old));
        }
    }

    private Path best() {
        return folder.resolve("best.zip");
    }

    /** {@return the network of the epoch with the highest accuracy} */
    ModelFile loadBest() throws IOException {
        return ModelFile.load(best());
    }

    /** {@return where the averaged network of a checkpoint is} */
    private static Path averageOf(Path checkpoint) {
        return checkpoint.resolveSibling(AVERAGE + checkpoint.getFileName());
    }

    /** {@return a name that sorts by progress}: within an epoch before the epoch's end */
    private static String name(TrainingState state) {
        return state.batches() == 0
                ? String.format(Locale.ROOT, EPOCH + "%04d.zip", state.epochs().size())
                : String.format(
                        Locale.ROOT,
                        EPOCH + "%04d-batch-%06d.zip",
                        state.epochs().size() + 1,
                        state.batches());
    }

    private static boolean isBest(List<EpochResult> epochs) {
        Measurement last =
                epochs.isEmpty() ? null : epochs.get(epochs.size() - 1).measured();
        return last != null
                && epochs.stream()
                        .limit(epochs.size() - 1)
                        .allMatch(epoch -> epoch.measured().accuracy() < last.accuracy());
    }

    /**
     * {@return the last checkpoint that can be read; empty if there is none} One that cannot be is logged and passed over.
     *
     * @param averaged whether parameters are averaged
     */
    Optional<Checkpoint> last(boolean averaged) throws IOException {
        List<Path> all = list();
        for (int i = all.size() - 1; i >= 0; i--) {
            try {
                ModelFile model = ModelFile.load(all.get(i));
                if (model.description() != null && model.description().training() != null) {
                    return Optional.of(new Checkpoint(model, averaged ? ModelFile.load(averageOf(all.get(i))) : null));
                }
                log.warn("{}: is no checkpoint; passed over", all.get(i));
            } catch (ModelFileException e) {
                log.warn("{}; passed over", e.getMessage());
            }
        }
        return Optional.empty();
    }

    void deleteLeftovers() throws IOException {
        if (Files.isDirectory(folder)) {
            AtomicFile.deleteLeftovers(folder);
        }
    }

    private List<Path> list() throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.getFileName().toString().startsWith(EPOCH))
                    .sorted()
                    .toList();
        }
    }
}
