package org.bncnn.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.bncnn.backend.Backend;
import org.bncnn.data.ImageDataset;
import org.bncnn.data.Inversion;
import org.bncnn.eval.EvaluationText;
import org.bncnn.model.Norm;
import org.bncnn.model.Recipe;
import org.bncnn.report.LivePage;
import org.bncnn.report.TrainingPage;
import org.bncnn.train.Cluster;
import org.bncnn.train.FolderLock;
import org.bncnn.train.HeldOut;
import org.bncnn.train.Provenance;
import org.bncnn.train.RunFolder;
import org.bncnn.train.TensorBoardFile;
import org.bncnn.train.Training;
import org.bncnn.train.TrainingObserver;
import org.bncnn.train.TrainingObservers;
import org.bncnn.train.TrainingResult;
import org.bncnn.train.TrainingSettings;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code bncnn train}: trains the reference CNN and leaves a run folder. */
@Command(
        name = "train",
        description = "Train the reference CNN and leave model, metrics and provenance in a run folder.",
        mixinStandardHelpOptions = true,
        showDefaultValues = true)
final class TrainCommand implements Callable<Integer> {
    /** What {@code --json} writes. */
    record Outcome(String runFolder, TrainingResult result) {}

    /** Options that say nothing about the training itself. */
    private static final Set<String> WITH_RESUME =
            Set.of("--resume", "--data", "--json", "--force", "--tensorboard", "--ui", "--spark", "--debug");

    private static final int LAST_PORT = 65_535;

    @Spec
    private CommandSpec spec;

    @Option(names = "--norm", paramLabel = "NORM", description = "Batch normalization: ${COMPLETION-CANDIDATES}.")
    private Norm norm = Norm.BUILTIN;

    @Mixin
    private RecipeOption recipe;

    @Option(
            names = "--invert",
            paramLabel = "WHICH",
            description = {
                "Invert images, dark to light: ${COMPLETION-CANDIDATES}. The model keeps it for evaluate and predict.",
                "auto: none, but if the dataset is IDX files of grey images that are light on dark, predict inverts those with a light"
                        + " border."
            })
    private Invert invert = Invert.AUTO;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            converter = NewFolder.class,
            description = "Run folder, new or empty. Default: a new one below runs.")
    private Path folder;

    @Option(
            names = "--tensorboard",
            description =
                    "Write event files for TensorBoard into the run folder too: losses, accuracy, histograms of the parameters.")
    private boolean tensorBoard;

    @Option(
            names = "--ui",
            paramLabel = "PORT",
            arity = "0..1",
            fallbackValue = "9000",
            defaultValue = Option.NULL_VALUE,
            description = {
                "Show the curves live in a browser of this machine, at http://127.0.0.1:PORT. Default port: 9000; 0 for any.",
                "No other machine can reach it; it ends with the training."
            })
    private Integer ui;

    @Mixin
    private EngineOption engine;

    @Mixin
    private DataOption data;

    @Mixin
    private ClusterOption cluster;

    @Mixin
    private JsonOption json;

    @Option(
            names = "--checkpoint-every",
            paramLabel = "N",
            description = "Keep a checkpoint after so many batches, and after each epoch. 0: after each epoch only.")
    private int checkpointEvery;

    @Option(
            names = "--keep-checkpoints",
            paramLabel = "N",
            description = "So many checkpoints stay, the last ones; and the best.")
    private int keepCheckpoints = 3;

    @Option(
            names = "--resume",
            paramLabel = "RUN",
            description =
                    "Go on with the training of a run folder, from its last checkpoint; with what it was told to do.")
    private Path resumed;

    @Override
    public Integer call() throws IOException {
        if (ui != null && (ui < 0 || ui > LAST_PORT)) {
            throw new ParameterException(spec.commandLine(), "--ui must be a port, 0 to " + LAST_PORT + ", not " + ui);
        }
        json.check();
        if (resumed == null) {
            return prepare(Usage.valid(spec, this::settings), null);
        }
        refuseOptionsOfTheRun();
        try (FolderLock lock = RunFolder.takeToResume(resumed)) {
            RunFolder run = new RunFolder(lock.folder());
            TrainingSettings settings = cluster.goingOn(run);
            data.chooseUnlessChosen(settings.data());
            return prepare(settings, run);
        }
    }

    /** @param begun the run to resume; null for a new one, whose folder is made when nothing else is missing */
    private int prepare(TrainingSettings settings, RunFolder begun) throws IOException {
        Backend.start();
        if (cluster.isDryRun()) {
            ClusterOption.plan(settings, data, spec.commandLine().getErr())
                    .forEach(spec.commandLine().getOut()::println);
            return 0;
        }
        try (Cluster connected = settings.cluster() == null
                ? null
                : ClusterOption.connect(settings, data, spec.commandLine().getErr())) {
            ImageDataset dataset = connected == null
                    ? data.loadOrSample(spec.commandLine().getErr(), settings.invert())
                    : connected.data();
            if (dataset.inversion() == Inversion.ALWAYS) {
                spec.commandLine().getErr().println("Every image is inverted, here and by evaluate and predict.");
            }
            Training training = connected == null
                    ? new Training(settings.norm(), settings.recipe(), dataset, settings.engine())
                    : new Training(settings.norm(), settings.recipe(), connected, settings.engine());
            int images = connected == null ? training.data().train().size() : connected.images();
            try (LivePage live = ui == null ? null : livePage(settings, dataset.name(), images)) {
                if (begun != null) {
                    tellOfOtherThreads(begun);
                    return train(training, settings, begun, images, live);
                }
                try (FolderLock lock = takeFolder()) {
                    RunFolder run = new RunFolder(lock.folder());
                    run.write(settings);
                    return train(training, settings, run, images, live);
                }
            }
        }
    }

    private FolderLock takeFolder() throws IOException {
        return folder == null
                ? FolderLock.takeNumbered(RunFolder.named(LocalDateTime.now(), norm.toString()))
                : FolderLock.takeNew(folder);
    }

    private TrainingSettings settings() {
        Recipe chosen = recipe.recipe();
        Usage.refuse(
                spec,
                "--schedule",
                chosen.epochs() == 1,
                "in a single epoch: it changes the learning rate between epochs");
        Usage.refuse(
                spec, "--test-at-end", chosen.validation() > 0, "with --validation: the test images are not looked at");
        Usage.refuse(
                spec,
                "--batch-size",
                spec.commandLine().getParseResult().hasMatchedOption("--worker-batch-size"),
                "with --worker-batch-size");
        return new TrainingSettings(
                norm,
                chosen,
                engine.engine(),
                data.chosen(),
                checkpointEvery,
                keepCheckpoints,
                invert.inversion(),
                cluster.settings(chosen).orElse(null));
    }

    private LivePage livePage(TrainingSettings settings, String dataset, int images) throws IOException {
        LivePage live = new LivePage(
                ui,
                "Training with norm " + settings.norm() + " on " + dataset,
                settings.recipe().epochs(),
                images);
        spec.commandLine().getOut().println("Live in a browser: " + live.address());
        return live;
    }

    /**
     * Trains, and leaves things in the order of their worth, each whole on disk before the next is begun: checkpoint, model, measurement, the line that
     * says how to go on, JSON, page. At a signal the batch ends first; a failure ends the rest with one line and exit code 1, but for the JSON,
     * after which the page is still written.
     */
    private int train(Training training, TrainingSettings settings, RunFolder run, int images, LivePage live)
            throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        if (live != null) {
            live.follow(run);
        }
        try (Interruption interruption = new Interruption()) {
            TrainingResult result;
            try (TrainingProgress progress =
                            new TrainingProgress(out, settings.recipe().epochs(), images);
                    TensorBoardFile board = tensorBoard ? board(run, training, settings, images) : null) {
                result = training.runWithCheckpoints(
                        run,
                        settings.checkpointEvery(),
                        settings.keepCheckpoints(),
                        new TrainingObservers(Stream.<TrainingObserver>of(progress, board, live)
                                .filter(Objects::nonNull)
                                .toList()),
                        interruption::requested);
            }
            String accuracy = EvaluationText.accuracy(
                    result.test(), HeldOut.of(settings.recipe()).toString());
            out.println(accuracy);
            out.println("Run folder: " + run.path());
            if (!result.completed()) {
                out.println("To go on: bncnn train --resume " + run.path()
                        + (settings.cluster() == null
                                ? ""
                                : " --spark " + settings.cluster().master()));
            }
            try {
                json.write(new Outcome(run.path().toString(), result));
            } finally {
                TrainingPage.write(
                        run.report(), run, training.network(), training.data().test());
            }
            if (live != null) {
                live.end(accuracy + ". The whole report: " + run.report());
            }
            return result.completed() ? 0 : interruption.exitCode();
        }
    }

    private static TensorBoardFile board(RunFolder run, Training training, TrainingSettings settings, int images)
            throws IOException {
        int batchSize = settings.cluster() == null
                ? settings.recipe().batchSize()
                : settings.cluster().batchSize();
        int batches = (images + batchSize - 1) / batchSize;
        return new TensorBoardFile(run.path().resolve("tensorboard"), training::network, batches);
    }

    private void tellOfOtherThreads(RunFolder run) throws IOException {
        int before = run.provenance().map(Provenance::threads).orElse(Backend.threads());
        if (before != Backend.threads()) {
            spec.commandLine()
                    .getErr()
                    .printf(
                            Locale.ROOT,
                            "bncnn: it began with %d threads and goes on with %d; the last digits may differ from those of"
                                    + " a training without interruption%n",
                            before,
                            Backend.threads());
        }
    }

    /** What the run was told holds, or it would not be the same training. */
    private void refuseOptionsOfTheRun() {
        for (ArgSpec given : spec.commandLine().getParseResult().matchedArgs()) {
            if (given instanceof OptionSpec option && !WITH_RESUME.contains(option.longestName())) {
                throw new ParameterException(
                        spec.commandLine(),
                        option.longestName() + " cannot be given with --resume: the run keeps what it began with");
            }
        }
    }
}
