package org.bncnn.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.bncnn.data.DatasetException;
import org.bncnn.data.DatasetLocator;
import org.bncnn.data.ImageDataset;
import org.bncnn.data.Inversion;
import org.bncnn.engine.Engine;
import org.bncnn.model.Augmentation;
import org.bncnn.model.Norm;
import org.bncnn.model.Recipe;
import org.bncnn.model.Schedule;
import org.bncnn.store.JsonFile;
import org.bncnn.store.ModelDescription;
import org.bncnn.store.ModelFile;
import org.bncnn.store.UnwritableFileException;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A training that is stopped and goes on ends as if it had never been stopped. */
class ResumeTest {
    /** 250 batches an epoch, so that there is a loss report in the midst of it. */
    private static final Recipe RECIPE =
            Recipe.REFERENCE.withEpochs(2).withBatchSize(8).withLearningRate(0.01);

    /** With everything that has to go on. */
    private static final Recipe ALL = Recipe.REFERENCE
            .withEpochs(3)
            .withBatchSize(8)
            .withLearningRate(0.01)
            .withSchedule(Schedule.COSINE)
            .withWeightDecay(0.01)
            .withLabelSmoothing(0.1)
            .withAugmentation(new Augmentation(true, 2, 0.5))
            .withAveraging(0.99)
            .withValidation(400)
            .withPatience(2);

    private static final int EVERY = 40;
    private static final int KEPT = 2;

    private static ImageDataset data;

    @TempDir
    private Path folder;

    @BeforeAll
    static void load() throws DatasetException {
        data = DatasetLocator.sample();
    }

    @ParameterizedTest
    @CsvSource({"NONE, ONEDNN", "BUILTIN, ONEDNN", "CUSTOM, ONEDNN", "CUSTOM, DL4J"})
    void stoppedAtAnyBatch(Norm norm, Engine engine) throws IOException {
        RunFolder whole = run("whole", norm, engine, Integer.MAX_VALUE);
        RunFolder pieces = run("pieces", norm, engine, 3);
        for (int batches : new int[] {1, 196, 51, 0, 199}) {
            run("pieces", norm, engine, batches);
        }
        run("pieces", norm, engine, Integer.MAX_VALUE);
        assertSame(pieces, whole);
    }

    @Test
    void withScheduleAugmentationAveragingAndValidation() throws IOException {
        RunFolder whole = run("whole", ALL, Norm.CUSTOM, Engine.ONEDNN, Integer.MAX_VALUE);
        for (int batches : new int[] {3, 150, 60, 190}) {
            run("pieces", ALL, Norm.CUSTOM, Engine.ONEDNN, batches);
        }
        assertSame(run("pieces", ALL, Norm.CUSTOM, Engine.ONEDNN, Integer.MAX_VALUE), whole);
        assertThat(metrics(whole))
                .anyMatch(line -> line.at("/measured/images").asText().equals("validation"));
    }

    @Test
    void averagesStandBesideTheirCheckpointsAndAreWhatIsMeasured() throws IOException {
        RunFolder run = run("run", ALL, Norm.BUILTIN, Engine.ONEDNN, 210);
        assertThat(checkpoints(run))
                .extracting(file -> file.getFileName().toString())
                .containsExactly(
                        "average-epoch-0001.zip",
                        "average-epoch-0002-batch-000010.zip",
                        "best.zip",
                        "epoch-0001.zip",
                        "epoch-0002-batch-000010.zip");
        float[] average = parameters(checkpoints(run).get(0));
        assertThat(parameters(checkpoints(run).get(2))).containsExactly(average);
        assertThat(parameters(checkpoints(run).get(3))).isNotEqualTo(average);
        assertThat(ModelFile.load(run.model()).network().params().toFloatVector())
                .containsExactly(parameters(checkpoints(run).get(1)));
    }

    @Test
    void aCheckpointWithoutItsAverageIsPassedOver() throws IOException {
        RunFolder whole = run("whole", ALL, Norm.BUILTIN, Engine.ONEDNN, Integer.MAX_VALUE);
        RunFolder damaged = run("damaged", ALL, Norm.BUILTIN, Engine.ONEDNN, 210);
        Files.delete(checkpoints(damaged).get(1));
        assertSame(run("damaged", ALL, Norm.BUILTIN, Engine.ONEDNN, Integer.MAX_VALUE), whole);
    }

    /** 20 epochs of large steps on few images do not all do better than the one before. */
    @Test
    void earlyStoppingLeavesTheBestNetwork() throws IOException {
        Recipe recipe = Recipe.REFERENCE
                .withEpochs(20)
                .withLearningRate(0.05)
                .withValidation(500)
                .withPatience(1);
        RunFolder run = run("run", recipe, Norm.BUILTIN, Engine.ONEDNN, Integer.MAX_VALUE);
        List<EpochResult> epochs = run.metrics().epochs();
        assertThat(epochs).hasSizeBetween(2, 19);
        double last = epochs.get(epochs.size() - 1).measured().accuracy();
        double best = epochs.get(epochs.size() - 2).measured().accuracy();
        assertThat(last).isLessThanOrEqualTo(best);
        assertThat(run.evaluation().orElseThrow().accuracy()).isEqualTo(best);
        assertThat(ModelFile.load(run.model()).network().params().toFloatVector())
                .containsExactly(parameters(run.path().resolve("checkpoints/best.zip")));
        assertSame(run("run", recipe, Norm.BUILTIN, Engine.ONEDNN, Integer.MAX_VALUE), run);
    }

    private static float[] parameters(Path model) throws IOException {
        return ModelFile.load(model).network().params().toFloatVector();
    }

    @Test
    void fromTheCheckpointBeforeADamagedOne() throws IOException {
        RunFolder whole = run("whole", Norm.BUILTIN, Engine.ONEDNN, Integer.MAX_VALUE);
        RunFolder damaged = run("damaged", Norm.BUILTIN, Engine.ONEDNN, 100);
        List<Path> checkpoints = checkpoints(damaged);
        assertThat(checkpoints)
                .extracting(file -> file.getFileName().toString())
                .containsExactly("epoch-0001-batch-000080.zip", "epoch-0001-batch-000100.zip");
        Files.write(checkpoints.get(1), new byte[1], StandardOpenOption.TRUNCATE_EXISTING);
        run("damaged", Norm.BUILTIN, Engine.ONEDNN, Integer.MAX_VALUE);
        assertSame(damaged, whole);
    }

    @Test
    void whereAllCheckpointsAreDamagedNothingIsTrained() throws IOException {
        RunFolder run = run("run", Norm.NONE, Engine.ONEDNN, 100);
        byte[] model = Files.readAllBytes(run.model());
        for (Path checkpoint : checkpoints(run)) {
            Files.write(checkpoint, new byte[1], StandardOpenOption.TRUNCATE_EXISTING);
        }
        assertThatThrownBy(() -> run("run", Norm.NONE, Engine.ONEDNN, Integer.MAX_VALUE))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith(
                        "no checkpoint can be used: " + checkpoints(run).get(1))
                .hasMessageContaining("; " + checkpoints(run).get(0))
                .hasMessageEndingWith("; restore one from a copy, or start again in a new folder");
        for (Path checkpoint : checkpoints(run)) {
            Files.delete(checkpoint);
        }
        assertThatThrownBy(() -> run("run", Norm.NONE, Engine.ONEDNN, Integer.MAX_VALUE))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessageStartingWith(run.model() + ": exists, but there is no checkpoint");
        assertThat(run.model()).hasBinaryContent(model);
    }

    @Test
    void aCheckpointUnderAnotherNameOrOfAnotherTrainingIsPassedOverAndStays() throws IOException {
        RunFolder whole = run("whole", Norm.NONE, Engine.ONEDNN, Integer.MAX_VALUE);
        RunFolder run = run("run", Norm.NONE, Engine.ONEDNN, 100);
        List<Path> ours = checkpoints(run);
        Path renamed = Files.copy(ours.get(0), ours.get(0).resolveSibling("epoch-0009.zip"));
        Path foreign = Files.copy(checkpoints(whole).get(2), ours.get(0).resolveSibling("epoch-0002.zip"));
        Path none = Files.writeString(ours.get(0).resolveSibling("epoch-0001 (copy).zip"), "");
        run("run", Norm.NONE, Engine.ONEDNN, 1);
        assertThat(checkpoints(run)).contains(renamed, foreign, none).hasSize(KEPT + 3);
        run("run", Norm.NONE, Engine.ONEDNN, Integer.MAX_VALUE);
        assertSame(run, whole);
    }

    @Test
    void theTenThousandthEpochComesAfterTheOneBefore() throws IOException {
        MultiLayerNetwork network = new Training(Norm.NONE, RECIPE, data, Engine.ONEDNN).network();
        Checkpoints checkpoints = new Checkpoints(folder.resolve("checkpoints"), 2);
        checkpoints.createFolder();
        List<EpochResult> epochs = new ArrayList<>();
        for (int epoch = 1; epoch <= 10_001; epoch++) {
            epochs.add(new EpochResult(epoch, 1, null, 1, 1));
            if (epoch >= 9_999) {
                TrainingState state = TrainingState.atEpochEnd(epochs);
                ModelDescription description = new ModelDescription(
                        data.train().classNames(), List.of(1, 28, 28), null, null, null, JsonFile.tree(state));
                checkpoints.save(new ModelFile(network, null, description), new WeightAverage(network, 0, null), state);
            }
        }
        assertThat(folder.resolve("checkpoints").toFile().list())
                .containsExactlyInAnyOrder("epoch-10000.zip", "epoch-10001.zip");
        assertThat(checkpoints.last(false, checkpoint -> {}).orElseThrow().file())
                .hasFileName("epoch-10001.zip");
    }

    @Test
    void aRunFolderThatIsDeletedIsMissedAtTheNextCheckpoint() throws IOException {
        AtomicInteger batches = new AtomicInteger();
        assertThatThrownBy(() -> train("run", batches, run -> {
                    Files.move(run.path(), folder.resolve("elsewhere"));
                    Files.createDirectories(run.path().resolve("checkpoints")); // another training's
                }))
                .isInstanceOf(IOException.class)
                .hasMessage(folder.resolve("run/checkpoints") + ": was deleted or replaced during the training");
        assertThat(batches).hasValue(EVERY);
        assertThat(folder.resolve("run/checkpoints")).isEmptyDirectory();
    }

    @Test
    void metricsThatAreDeletedAreMissedOnceTheNextCheckpointIsSaved() throws IOException {
        RunFolder whole = run("whole", Norm.NONE, Engine.ONEDNN, Integer.MAX_VALUE);
        AtomicInteger batches = new AtomicInteger();
        assertThatThrownBy(() -> train("run", batches, run -> Files.delete(run.metricsFile())))
                .isInstanceOf(IOException.class)
                .hasMessage(folder.resolve("run/metrics.jsonl") + ": was deleted or replaced during the training");
        assertThat(batches).hasValue(EVERY);
        RunFolder run = run("run", Norm.NONE, Engine.ONEDNN, Integer.MAX_VALUE);
        assertThat(parameters(run.model())).containsExactly(parameters(whole.model()));
    }

    /** Something that befalls a run folder. */
    private interface Mishap {
        void befall(RunFolder run) throws IOException;
    }

    /** Trains; after the first batch something happens. */
    private void train(String name, AtomicInteger batches, Mishap mishap) throws IOException {
        RunFolder run = new RunFolder(Files.createDirectories(folder.resolve(name)));
        TrainingObserver observer = new TrainingObserver() {
            @Override
            public void batchTrained(int epoch, int images) throws IOException {
                if (batches.incrementAndGet() == 1) {
                    mishap.befall(run);
                }
            }
        };
        new Training(Norm.NONE, RECIPE, data, Engine.ONEDNN)
                .runWithCheckpoints(run, EVERY, KEPT, observer, () -> false);
    }

    @Test
    void whereACheckpointCannotBeSavedTheOnesBeforeStay() throws IOException {
        AtomicInteger batches = new AtomicInteger();
        Path unwritable = folder.resolve("run/checkpoints/epoch-0001-batch-000120.zip");
        assertThatThrownBy(() -> train(
                        "run",
                        batches,
                        run -> Files.writeString(
                                Files.createDirectory(unwritable).resolve("file"), "")))
                .isInstanceOf(UnwritableFileException.class)
                .hasMessageStartingWith(unwritable + ": cannot be written (");
        assertThat(batches).hasValue(3 * EVERY);
        assertThat(checkpoints(new RunFolder(folder.resolve("run"))))
                .extracting(file -> file.getFileName().toString())
                .containsExactly(
                        "epoch-0001-batch-000040.zip", "epoch-0001-batch-000080.zip", "epoch-0001-batch-000120.zip");
        Files.delete(unwritable.resolve("file"));
        Files.delete(unwritable);
        run("run", Norm.NONE, Engine.ONEDNN, Integer.MAX_VALUE);
    }

    @Test
    void theBestIsSavedBeforeItsCheckpointWhichIsNothingWithoutIt() throws IOException {
        Path unwritable = folder.resolve("run/checkpoints/epoch-0001.zip");
        assertThatThrownBy(() -> train("run", new AtomicInteger(), run -> Files.createDirectory(unwritable)))
                .isInstanceOf(UnwritableFileException.class);
        assertThat(state(unwritable.resolveSibling("best.zip")).epochs()).hasSize(1);
    }

    @Test
    void metricsThatWereHalfWrittenOrAreAheadGo() throws IOException {
        RunFolder whole = run("whole", Norm.BUILTIN, Engine.ONEDNN, Integer.MAX_VALUE);
        RunFolder ahead = run("ahead", Norm.BUILTIN, Engine.ONEDNN, 290);
        Files.writeString(
                ahead.metricsFile(),
                "{\"epoch\":2,\"batch\":100,\"meanLoss\":7.0}\n{\"epoch\":2,\"ba",
                StandardOpenOption.APPEND);
        run("ahead", Norm.BUILTIN, Engine.ONEDNN, Integer.MAX_VALUE);
        assertSame(ahead, whole);
    }

    @Test
    void theLastCheckpointsAndTheBestStay() throws IOException {
        RunFolder run = run("run", Norm.BUILTIN, Engine.ONEDNN, Integer.MAX_VALUE);
        assertThat(checkpoints(run))
                .extracting(file -> file.getFileName().toString())
                .containsExactly("best.zip", "epoch-0002-batch-000240.zip", "epoch-0002.zip");
        List<EpochResult> best = state(checkpoints(run).get(0)).epochs();
        List<EpochResult> all = state(checkpoints(run).get(2)).epochs();
        assertThat(all).hasSize(RECIPE.epochs());
        assertThat(best.get(best.size() - 1).measured().accuracy())
                .isEqualTo(all.stream()
                        .mapToDouble(epoch -> epoch.measured().accuracy())
                        .max()
                        .orElseThrow());
    }

    private static TrainingState state(Path checkpoint) throws IOException {
        return JsonFile.value(ModelFile.load(checkpoint).description().training(), TrainingState.class, "checkpoint");
    }

    @Test
    void stoppedBeforeTheFirstBatch() throws IOException {
        RunFolder run = new RunFolder(Files.createDirectories(folder.resolve("run")));
        AtomicInteger asked = new AtomicInteger();
        new Training(Norm.NONE, RECIPE, data, Engine.ONEDNN)
                .runWithCheckpoints(run, EVERY, KEPT, new TrainingObserver() {}, () -> asked.getAndIncrement() > 0);
        assertThat(checkpoints(run))
                .extracting(file -> file.getFileName().toString())
                .containsExactly("epoch-0000.zip");
        assertSame(
                run("run", Norm.NONE, Engine.ONEDNN, Integer.MAX_VALUE),
                run("whole", Norm.NONE, Engine.ONEDNN, Integer.MAX_VALUE));
    }

    @Test
    void withOtherImagesItDoesNotGoOn() throws IOException {
        run("run", Norm.NONE, Engine.ONEDNN, 3);
        ImageDataset other = new ImageDataset(
                "other", "elsewhere", data.train(), null, data.test(), Map.of("train", "0"), Inversion.NEVER);
        assertThatThrownBy(() -> new Training(Norm.NONE, RECIPE, other, Engine.ONEDNN)
                        .runWithCheckpoints(
                                new RunFolder(folder.resolve("run")),
                                EVERY,
                                KEPT,
                                new TrainingObserver() {},
                                () -> false))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining(
                        "was trained on other images (a sample of Fashion-MNIST) than those of elsewhere");
    }

    private RunFolder run(String name, Norm norm, Engine engine, int batches) throws IOException {
        return run(name, RECIPE, norm, engine, batches);
    }

    /** Trains so many batches, from wherever the folder's training stands. */
    private RunFolder run(String name, Recipe recipe, Norm norm, Engine engine, int batches) throws IOException {
        RunFolder run = new RunFolder(Files.createDirectories(folder.resolve(name)));
        AtomicInteger trained = new AtomicInteger();
        TrainingObserver counter = new TrainingObserver() {
            @Override
            public void batchTrained(int epoch, int images) {
                trained.incrementAndGet();
            }
        };
        new Training(norm, recipe, data, engine)
                .runWithCheckpoints(run, EVERY, KEPT, counter, () -> trained.get() >= batches);
        return run;
    }

    private static List<Path> checkpoints(RunFolder run) throws IOException {
        try (Stream<Path> files = Files.list(run.path().resolve("checkpoints"))) {
            return files.sorted().toList();
        }
    }

    private static void assertSame(RunFolder actual, RunFolder expected) throws IOException {
        ModelFile actualModel = ModelFile.load(actual.model());
        ModelFile expectedModel = ModelFile.load(expected.model());
        assertThat(actualModel.network().params().toFloatVector())
                .containsExactly(expectedModel.network().params().toFloatVector());
        assertThat(actualModel.network().getUpdater().getStateViewArray().toFloatVector())
                .containsExactly(
                        expectedModel.network().getUpdater().getStateViewArray().toFloatVector());
        assertThat(actualModel.network().getIterationCount())
                .isEqualTo(expectedModel.network().getIterationCount());
        assertThat(actualModel.network().getEpochCount())
                .isEqualTo(expectedModel.network().getEpochCount());
        assertThat(metrics(actual)).isEqualTo(metrics(expected));
        assertThat(Files.readString(actual.path().resolve("evaluation.json")))
                .isEqualTo(Files.readString(expected.path().resolve("evaluation.json")));
    }

    /** {@return the metrics without what the time of day decides} */
    static List<JsonNode> metrics(RunFolder run) throws IOException {
        return Files.readAllLines(run.metricsFile()).stream()
                .map(line -> {
                    try {
                        ObjectNode metric = JsonFile.parse(line, ObjectNode.class);
                        metric.remove(List.of("seconds", "imagesPerSecond"));
                        return (JsonNode) metric;
                    } catch (IOException e) {
                        throw new AssertionError(line, e);
                    }
                })
                .toList();
    }
}
