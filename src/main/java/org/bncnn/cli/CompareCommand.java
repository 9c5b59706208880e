package org.bncnn.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;
import org.bncnn.backend.Backend;
import org.bncnn.compare.Comparison;
import org.bncnn.compare.ComparisonText;
import org.bncnn.compare.NormComparison;
import org.bncnn.data.ImageDataset;
import org.bncnn.experiment.Experiment;
import org.bncnn.experiment.ExperimentResult;
import org.bncnn.experiment.ExperimentRunner;
import org.bncnn.experiment.ExperimentText;
import org.bncnn.model.Norm;
import org.bncnn.model.Recipe;
import org.bncnn.report.ComparisonPage;
import org.bncnn.report.ExperimentPage;
import org.bncnn.train.FolderLock;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code bncnn compare}: the norms side by side. */
@Command(
        name = "compare",
        description = {
            "Compare the norms: is the custom BN layer the same as the built-in one, is it faster, and what does BN"
                    + " buy?",
            "Trains the reference CNN with each norm, from the same weights on the same batches.",
            "Each BN layer runs its own code with either engine."
        },
        showDefaultValues = true)
final class CompareCommand extends Subcommand {
    @Option(
            names = "--norms",
            paramLabel = "NORM",
            split = ",",
            description = "Norms to compare, with commas between: ${COMPLETION-CANDIDATES}.",
            defaultValue = "none,builtin,custom")
    private EnumSet<Norm> norms;

    @Option(names = "--epochs", paramLabel = "N", description = "Passes over the training images, for each norm.")
    private int epochs = 5;

    @Option(names = "--seed", paramLabel = "N", description = "For the initial parameters and the order of the images.")
    private long seed = Recipe.REFERENCE.seed();

    @Option(
            names = "--out",
            paramLabel = "DIR",
            converter = PathName.OfNewFolder.class,
            description = "Folder for the report and each norm's run, new or empty. Default: a new one below runs.")
    private Path folder;

    @Option(
            names = "--experiment",
            paramLabel = "NAME",
            description = "Instead, show on deep or badly set networks why batch normalization helps:"
                    + " ${COMPLETION-CANDIDATES}.")
    private Experiment experiment;

    @Mixin
    private EngineOption engine;

    @Mixin
    private DataOption data;

    @Mixin
    private JsonOption json;

    @Override
    public Integer call() throws IOException {
        refuse("--epochs", experiment != null, "with --experiment, which has its own number of epochs");
        requireSome("--norms", norms);
        json.check();
        if (experiment != null) {
            return runExperiment();
        }
        Recipe recipe = valid(() -> Recipe.REFERENCE.withEpochs(epochs).withSeed(seed));
        ImageDataset dataset = data.loadOrSample();
        Backend.start();
        NormComparison comparison = new NormComparison(norms, recipe, dataset, engine.engine());
        try (FolderLock lock = FolderLock.takeNew(folder, "compare");
                Interruption interruption = new Interruption()) {
            Comparison found;
            try (ComparisonProgress progress =
                    new ComparisonProgress(out(), epochs, dataset.train().size())) {
                found = comparison.run(lock.folder(), progress, interruption::requested);
            }
            out().print("\n" + ComparisonText.render(found) + "\n");
            try {
                json.write(found);
            } finally { // a page that is worth less, but is there even if the JSON cannot be written
                Path page = lock.folder().resolve("comparison.html");
                ComparisonPage.write(page, found);
                out().println("Report: " + page);
            }
            return interruption.exitCode();
        }
    }

    private int runExperiment() throws IOException {
        if (!isGiven("--norms")) {
            norms = EnumSet.of(Norm.NONE, Norm.CUSTOM);
        }
        ImageDataset dataset = data.loadOrSample();
        Backend.start();
        ExperimentRunner runner = new ExperimentRunner(experiment, norms, dataset, engine.engine(), seed);
        try (FolderLock lock = FolderLock.takeNew(folder, experiment.toString());
                Interruption interruption = new Interruption()) {
            ExperimentResult found;
            try (ExperimentProgress progress = new ExperimentProgress()) {
                found = runner.run(progress, interruption::requested);
            }
            out().print(ExperimentText.render(found) + "\n");
            try {
                json.write(found);
            } finally {
                Path page = lock.folder().resolve(experiment + ".html");
                ExperimentPage.write(page, found);
                out().println("Report: " + page);
            }
            return interruption.exitCode();
        }
    }
}
