package org.bncnn.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.bncnn.store.AtomicFile;
import org.bncnn.store.JsonFile;
import org.bncnn.store.ModelFile;
import org.bncnn.store.UnwritableFileException;
import org.bncnn.text.Numbers;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The checkpoints of a run: model files that also hold the {@link TrainingState}. The last few are kept, and the
 * network of the epoch with the highest accuracy as {@code best.zip}. Where parameters are averaged, the average is a
 * model file of its own beside each.
 */
final class Checkpoints {
    private static final Logger log = LoggerFactory.getLogger(Checkpoints.class);

    private static final Pattern NAME = Pattern.compile("epoch-(\\d{4,9})(?:-batch-(\\d{6,9}))?\\.zip");

    /**
     * A checkpoint.
     *
     * @param model the network that is trained
     * @param average the network that is measured; null if it is the same
     */
    record Checkpoint(Path file, ModelFile model, ModelFile average, TrainingState state) {}

    /** Finds out whether a training can continue from a checkpoint. */
    @FunctionalInterface
    interface Check {
        /** @throws IOException if it cannot; the message says why */
        void check(Checkpoint checkpoint) throws IOException;
    }

    /**
     * The file of a checkpoint.
     *
     * @param epochs completed epochs
     * @param batches batches trained of the epoch after them
     */
    private record Entry(Path file, int epochs, int batches) {
        static final Comparator<Entry> BY_PROGRESS =
                Comparator.comparingInt(Entry::epochs).thenComparingInt(Entry::batches);

        static Optional<Entry> of(Path file) {
            Matcher name = NAME.matcher(file.getFileName().toString());
            if (!name.matches()) {
                return Optional.empty();
            }
            int epoch = Integer.parseInt(name.group(1));
            return Optional.of(
                    name.group(2) == null
                            ? new Entry(file, epoch, 0)
                            : new Entry(file, epoch - 1, Integer.parseInt(name.group(2))));
        }

        static Entry of(TrainingState state, Path folder) {
            int epochs = state.epochs().size();
            String name = state.batches() == 0
                    ? Numbers.format("epoch-%04d.zip", epochs)
                    : Numbers.format("epoch-%04d-batch-%06d.zip", epochs + 1, state.batches());
            return new Entry(folder.resolve(name), epochs, state.batches());
        }

        /** {@return the file of the averaged network} */
        Path average() {
            return file.resolveSibling("average-" + file.getFileName());
        }
    }

    private final Path folder;
    private final int kept;
    private KnownFile known;

    /** @param kept number of checkpoints that stay; 0 if none are saved */
    Checkpoints(Path folder, int kept) {
        this.folder = folder;
        this.kept = kept;
    }

    /** Makes the folder, if need be, before the first checkpoint is saved. */
    void createFolder() throws IOException {
        if (kept == 0) {
            return;
        }
        try {
            Files.createDirectories(folder);
            known = KnownFile.of(folder);
        } catch (IOException e) {
            throw new UnwritableFileException(folder, e);
        }
    }

    /**
     * Saves a checkpoint. The others stay as they are if that fails.
     *
     * @param model the network that is trained
     * @param average average of its parameters, which is measured
     * @throws IOException if the checkpoint cannot be written, or the folder was deleted
     */
    void save(ModelFile model, WeightAverage average, TrainingState state) throws IOException {
        if (kept == 0) {
            return;
        }
        known.requireSame();
        Entry saved = Entry.of(state, folder);
        if (average.isKept()) {
            average.inPlace(() -> {
                model.save(saved.average(), false);
                return null;
            });
        }
        if (state.batches() == 0 && isBest(state.epochs())) { // before the checkpoint, which is useless without it
            if (average.isKept()) {
                AtomicFile.write(best(), temporary -> Files.copy(saved.average(), temporary));
            } else {
                model.save(best(), true);
            }
        }
        model.save(saved.file(), true);
        List<Entry> until = list().stream()
                .filter(entry -> Entry.BY_PROGRESS.compare(entry, saved) <= 0)
                .toList();
        for (Entry old : until.subList(0, Math.max(0, until.size() - kept))) {
            Files.delete(old.file());
            Files.deleteIfExists(old.average());
        }
    }

    private Path best() {
        return folder.resolve("best.zip");
    }

    /** {@return the network of the epoch with the highest accuracy} */
    ModelFile loadBest() throws IOException {
        return ModelFile.load(best());
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
     * {@return the last checkpoint that the training can continue from; empty if there are no checkpoints} Those after
     * it are logged and passed over.
     *
     * @param averaged whether parameters are averaged
     * @throws IOException if there are checkpoints, but none of them can be used; the message says what is wrong with
     *     each
     */
    Optional<Checkpoint> last(boolean averaged, Check check) throws IOException {
        List<Entry> all = list();
        List<String> refused = new ArrayList<>();
        for (int i = all.size() - 1; i >= 0; i--) {
            Path file = all.get(i).file();
            try {
                Checkpoint checkpoint = load(all.get(i), averaged);
                check.check(checkpoint);
                if (!refused.isEmpty()) {
                    log.warn("{}; passed over, resuming from {}", String.join("; ", refused), file.getFileName());
                }
                return Optional.of(checkpoint);
            } catch (IOException e) {
                refused.add(e.getMessage());
            }
        }
        if (!refused.isEmpty()) {
            throw new IOException("no checkpoint can be used: " + String.join("; ", refused)
                    + "; restore one from a copy, or start again in a new folder");
        }
        return Optional.empty();
    }

    private Checkpoint load(Entry entry, boolean averaged) throws IOException {
        Path file = entry.file();
        ModelFile model = ModelFile.load(file);
        if (model.description() == null || model.description().training() == null) {
            throw new IOException(file + ": is a model, but not a checkpoint");
        }
        TrainingState state = JsonFile.value(model.description().training(), TrainingState.class, file + ": training");
        Path named = Entry.of(state, folder).file();
        if (!named.equals(file)) {
            throw new IOException(file + ": is the checkpoint " + named.getFileName() + " under another name");
        }
        if (!averaged) {
            return new Checkpoint(file, model, null, state);
        }
        ModelFile average = ModelFile.load(entry.average());
        if (!model.description().equals(average.description())
                || model.network().numParams() != average.network().numParams()) {
            throw new IOException(file + ": does not belong to its average, " + entry.average());
        }
        return new Checkpoint(file, model, average, state);
    }

    /** {@return the checkpoints by progress}, without the folder's other files */
    private List<Entry> list() throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(Entry::of)
                    .flatMap(Optional::stream)
                    .sorted(Entry.BY_PROGRESS)
                    .toList();
        }
    }
}
