package org.bncnn.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.concurrent.Callable;
import org.bncnn.backend.Backend;
import org.bncnn.data.ImageDataset;
import org.bncnn.eval.EvaluationText;
import org.bncnn.model.Norm;
import org.bncnn.model.Recipe;
import org.bncnn.train.RunFolder;
import org.bncnn.train.Training;
import org.bncnn.train.TrainingResult;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
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

    @Spec
    private CommandSpec spec;

    @Option(names = "--norm", paramLabel = "NORM", description = "Batch normalization: ${COMPLETION-CANDIDATES}.")
    private Norm norm = Norm.BUILTIN;

    @Option(names = "--epochs", paramLabel = "N", description = "Passes over the training images.")
    private int epochs = Recipe.REFERENCE.epochs();

    @Option(names = "--batch-size", paramLabel = "N", description = "Images per step.")
    private int batchSize = Recipe.REFERENCE.batchSize();

    @Option(names = "--learning-rate", paramLabel = "RATE", description = "Of stochastic gradient descent.")
    private double learningRate = Recipe.REFERENCE.learningRate();

    @Option(names = "--momentum", paramLabel = "SHARE", description = "Heavy-ball momentum, at least 0 and below 1.")
    private double momentum = Recipe.REFERENCE.momentum();

    @Option(names = "--seed", paramLabel = "N", description = "For the initial parameters and the order of the images.")
    private long seed = Recipe.REFERENCE.seed();

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Run folder, new or empty. Default: a new one below runs.")
    private Path folder;

    @Mixin
    private EngineOption engine;

    @Mixin
    private DataOption data;

    @Mixin
    private JsonOption json;

    @Override
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        Recipe recipe = recipe();
        ImageDataset dataset = data.loadOrSample(spec.commandLine().getErr());
        Backend.start();
        Training training = new Training(norm, recipe, dataset, engine.engine());
        RunFolder run =
                RunFolder.create(folder == null ? RunFolder.named(LocalDateTime.now(), norm.toString()) : folder);
        try (Interruption interruption = new Interruption()) {
            TrainingResult result;
            try (TrainingProgress progress =
                    new TrainingProgress(out, epochs, dataset.train().size())) {
                result = training.run(run, progress, interruption::requested);
            }
            out.println(EvaluationText.accuracy(result.test()));
            out.println("Run folder: " + run.path());
            json.write(new Outcome(run.path().toString(), result));
            return result.completed() ? 0 : Interruption.EXIT_CODE;
        }
    }

    private Recipe recipe() {
        return Usage.valid(
                spec, () -> new Recipe(Recipe.REFERENCE.name(), epochs, batchSize, learningRate, momentum, seed));
    }
}
