package org.bncnn.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.bncnn.backend.Backend;
import org.bncnn.data.DatasetException;
import org.bncnn.data.ImageDataset;
import org.bncnn.data.ImageSet;
import org.bncnn.report.TrainingPage;
import org.bncnn.store.ModelFile;
import org.bncnn.train.Provenance;
import org.bncnn.train.RunFolder;
import org.bncnn.train.Training;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code bncnn report RUN}: a run folder as a page, also while it is trained or after it was killed. */
@Command(
        name = "report",
        description =
                "Make a page of a run folder, as train does at its end; also of one that is being trained or was killed.",
        mixinStandardHelpOptions = true)
final class ReportCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "RUN", description = "Run folder that bncnn train made.")
    private Path folder;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            converter = OutputFile.class,
            description = "The page. Default: report.html in the run folder.")
    private Path file;

    @Mixin
    private ForceOption force;

    @Mixin
    private DataOption data;

    @Override
    public Integer call() throws IOException {
        force.check(file);
        RunFolder run = new RunFolder(folder);
        run.metrics(); // before anything slow
        Backend.start();
        MultiLayerNetwork network =
                Files.exists(run.model()) ? ModelFile.load(run.model()).network() : null;
        if (network == null) {
            Usage.refuse(spec, "--data", true, "on a run without a model, whose mistakes it would show");
        }
        Path page = file == null ? run.report() : file;
        TrainingPage.write(page, run, network, network == null ? null : heldOut(run));
        spec.commandLine().getOut().println("Report: " + page);
        return 0;
    }

    /** {@return the images that the run was measured on}; null, and a line that says so, if they are not on this machine */
    private ImageSet heldOut(RunFolder run) throws IOException {
        boolean named = spec.commandLine().getParseResult().hasMatchedOption("--data");
        if (run.hasSettings()) { // trainings of a comparison have none
            data.chooseUnlessChosen(run.settings().data());
        }
        if (data.locate().isPresent()) {
            try {
                ImageDataset dataset = data.load(spec.commandLine().getErr());
                Optional<Provenance> provenance = run.provenance();
                if (provenance.map(Provenance::datasetSha256).equals(Optional.of(dataset.sha256()))) {
                    ImageDataset seen =
                            run.hasSettings() ? dataset.with(run.settings().invert()) : dataset;
                    return Training.split(seen, provenance.get().recipe()).test();
                }
            } catch (DatasetException e) {
                spec.commandLine().getErr().println("bncnn: " + e.getMessage());
            }
        }
        spec.commandLine()
                .getErr()
                .println(
                        named
                                ? "bncnn: --data does not name the images of the run, so the page shows no mistakes"
                                : "bncnn: the images of the run are not there, so that the page shows no mistakes; name them with --data");
        return null;
    }
}
