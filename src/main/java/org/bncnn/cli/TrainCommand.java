package org.bncnn.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.bncnn.backend.Backend;
import org.bncnn.data.Inversion;
import org.bncnn.eval.EvaluationText;
import org.bncnn.model.Norm;
import org.bncnn.model.Recipe;
import org.bncnn.report.LivePage;
import org.bncnn.report.TrainingPage;
import org.bncnn.text.Numbers;
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
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;

/** {@code bncnn train}: trains the reference CNN and leaves a run folder. */
@Command(
        name = "train",
        description = "Train the reference CNN and leave model, metrics and provenance in a run folder.",
        showDefaultValues = true)
final class TrainCommand extends Subcommand {
    /** What {@code --json} writes. */
    record Outcome(String runFolder, TrainingResult result) {}

    /** Options that are not about the training itself. */
    private static final Set<String> WITH_RESUME =
            Set.of("--resume", "--data", "--json", "--force", "--tensorboard", "--ui", "--spark", "--debug");

    private static final int LAST_PORT = 65_535;

    @Option(names = "--norm", paramLabel = "NORM", description = "Batch normalization: ${COMPLETION-CANDIDATES}.")
    private Norm norm = Norm.BUILTIN;

    @Mixin
    private RecipeOption recipe;

    @Option(
            names = "--invert",
            paramLabel = "WHICH",
            description = {
                "Invert images, dark to light: ${COMPLETION-CANDIDATES}. The model keeps it for evaluate and predict.",
                "auto: none; after IDX files of light images on dark, predict inverts those with a light border."
            })
    private Invert invert = Invert.AUTO;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            converter = PathName.OfNewFolder.class,
            description = "Run folder, new or empty. Default: a new one below runs.")
    private Path folder;

    @Option(names = "--tensorboard", description = "Write TensorBoard's event files into the run folder too.")
    private boolean tensorBoard;

    @Option(
            names = "--ui",
            paramLabel = "PORT",
            arity = "0..1",
            fallbackValue = "9000",
            defaultValue = Option.NULL_VALUE,
            description = {
                "Show the curves live at http://127.0.0.1:PORT, for browsers of this machine only.",
                "Default port: 9000; 0 for any. It ends with the training."
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
            description = "Keep a checkpoint after every N batches too.")
    private int checkpointEvery;

    @Option(names = "--keep-checkpoints", paramLabel = "N", description = "Keep the last N checkpoints and the best.")
    private int keepCheckpoints = 3;

    @Option(names = "--resume", paramLabel = "RUN", description = "Resume a run from its last checkpoint.")
    private Path resumed;

    @Override
    public Integer call() throws IOException {
        if (ui != null && (ui < 0 || ui > LAST_PORT)) {
            throw wrong("--ui must be a port, 0 to " + LAST_PORT + ", not " + ui);
        }
        json.check();
        if (resumed == null) {
            return prepare(valid(this::settings), null);
        }
        refuseOptionsOfTheRun();
        try (FolderLock lock = RunFolder.takeToResume(resumed)) {
            RunFolder run = new RunFolder(lock.folder());
            TrainingSettings settings = cluster.resumed(run);
            data.chooseUnlessChosen(settings.data());
            return prepare(settings, run);
        }
    }

    /** @param begun the run to resume; null for a new one, whose folder is made when nothing else is missing */
    private int prepare(TrainingSettings settings, RunFolder begun) throws IOException {
        Backend.start();
        if (cluster.isDryRun()) {
            ClusterOption.plan(settings, data).forEach(out()::println);
            return 0;
        }
        try (Cluster machines = ClusterOption.connect(settings, data)) {
            Training training =
                    new Training(settings.norm(), settings.recipe(), machines, settings.engine(), layer -> false);
            if (training.data().inversion() == Inversion.ALWAYS) {
                err().println("Every image is inverted, here and by evaluate and predict.");
            }
            try (LivePage live =
                    ui == null ? null : livePage(settings, training.data().name(), machines.images())) {
                if (begun != null) {
                    noteOtherThreads(begun);
                    return train(training, settings, machines, begun, live);
                }
                try (FolderLock lock = FolderLock.takeNew(folder, norm.toString())) {
                    RunFolder run = new RunFolder(lock.folder());
                    run.write(settings);
                    return train(training, settings, machines, run, live);
                }
            }
        }
    }

    private TrainingSettings settings() {
        Recipe chosen = recipe.recipe();
        refuse("--schedule", chosen.epochs() == 1, "in a single epoch: it changes the learning rate between epochs");
        refuse("--test-at-end", chosen.validation() > 0, "with --validation: the test images are not looked at");
        refuse("--batch-size", isGiven("--worker-batch-size"), "with --worker-batch-size");
        return TrainingSettings.of(norm, chosen, engine.engine())
                .withData(data.chosen(), invert.inversion())
                .withCheckpointEvery(checkpointEvery)
                .withKeepCheckpoints(keepCheckpoints)
                .on(cluster.settings(chosen));
    }

    private LivePage livePage(TrainingSettings settings, String dataset, int images) throws IOException {
        LivePage live = new LivePage(
                ui,
                "Training with norm " + settings.norm() + " on " + dataset,
                settings.recipe().epochs(),
                images);
        out().println("Live in a browser: " + live.address());
        return live;
    }

    /**
     * Trains, and leaves things in the order of their worth, each whole on disk before the next is begun: checkpoint,
     * model, measurement, the line that says how to resume, JSON, page. At a signal the batch ends first. A failure
     * ends the rest with one line and exit code 1; only after the JSON's failure the page is still written.
     */
    private int train(Training training, TrainingSettings settings, Cluster machines, RunFolder run, LivePage live)
            throws IOException {
        if (live != null) {
            live.follow(run);
        }
        try (Interruption interruption = new Interruption()) {
            TrainingResult result;
            try (TrainingProgress progress =
                            new TrainingProgress(out(), settings.recipe().epochs(), machines.images());
                    TensorBoardFile board = tensorBoard ? board(run, training, machines) : null) {
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
            out().println(accuracy);
            out().println("Run folder: " + run.path());
            if (!result.completed()) {
                out().println("To go on: bncnn train --resume " + run.path() + cluster.again());
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

    private static TensorBoardFile board(RunFolder run, Training training, Cluster machines) throws IOException {
        int batches = (machines.images() + machines.batchSize() - 1) / machines.batchSize();
        return new TensorBoardFile(run.path().resolve("tensorboard"), training::network, batches);
    }

    private void noteOtherThreads(RunFolder run) throws IOException {
        int before = run.provenance().map(Provenance::threads).orElse(Backend.threads());
        if (before != Backend.threads()) {
            err().println(Numbers.format(
                    "bncnn: this run started with %d threads and resumes with %d; the last digits may differ from those"
                            + " of a training without interruption",
                    before, Backend.threads()));
        }
    }

    /** A run keeps its options, or it would not be the same training. */
    private void refuseOptionsOfTheRun() {
        for (ArgSpec given : spec.commandLine().getParseResult().matchedArgs()) {
            if (given instanceof OptionSpec option && !WITH_RESUME.contains(option.longestName())) {
                throw wrong(option.longestName() + " cannot be given with --resume: the run keeps what it began with");
            }
        }
    }
}
