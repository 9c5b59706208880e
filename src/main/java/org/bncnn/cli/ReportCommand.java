package org.bncnn.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.bncnn.backend.Backend;
import org.bncnn.data.DatasetException;
import org.bncnn.data.ImageDataset;
import org.bncnn.data.ImageSet;
import org.bncnn.report.TrainingPage;
import org.bncnn.store.ModelFile;
import org.bncnn.train.Provenance;
import org.bncnn.train.RunFolder;
import org.bncnn.train.ThisProcess;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code bncnn report RUN}: a run folder as a page, also while it is trained or after it was killed. */
@Command(name = "report", description = "Write an HTML report for a run, also while it is trained or was killed.")
final class ReportCommand extends Subcommand {
    @Parameters(paramLabel = "RUN", description = "Run folder that bncnn train made.")
    private Path folder;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            converter = PathName.OfNewFile.class,
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
        refuse("--data", network == null, "on a run without a model, whose mistakes it would show");
        Path page = file == null ? run.report() : file;
        TrainingPage.write(page, run, network, network == null ? null : heldOut(run));
        out().println("Report: " + page);
        return 0;
    }

    /** {@return the images that the run was measured on}; null and a message if they are not on this machine */
    private ImageSet heldOut(RunFolder run) throws IOException {
        boolean named = isGiven("--data");
        if (run.hasSettings()) { // trainings of a comparison have none
            data.chooseUnlessChosen(run.settings().data());
        }
        if (data.locate().isPresent()) {
            try {
                ImageDataset dataset = data.load();
                Optional<Provenance> provenance = run.provenance();
                if (provenance.map(Provenance::datasetSha256).equals(Optional.of(dataset.sha256()))) {
                    ImageDataset seen =
                            run.hasSettings() ? dataset.with(run.settings().invert()) : dataset;
                    return new ThisProcess(seen, provenance.get().recipe())
                            .data()
                            .test();
                }
            } catch (DatasetException e) {
                err().println("bncnn: " + e.getMessage());
            }
        }
        err().println("bncnn: "
                + (named
                        ? "--data does not name the images of the run, so the page shows no mistakes"
                        : "the images of the run are not there, so that the page shows no mistakes;"
                                + " name them with --data"));
        return null;
    }
}
