package org.bncnn.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.bncnn.data.DatasetException;
import org.bncnn.data.DatasetLocator;
import org.bncnn.data.DatasetLocator.Place;
import org.bncnn.data.ImageDataset;
import org.bncnn.data.Shards;
import org.bncnn.train.FolderLock;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code bncnn data}: shows where the dataset is, fetches it, checks it. */
@Command(
        name = "data",
        description = "Show where the dataset is; fetch it, verify it, cut it into shards.",
        mixinStandardHelpOptions = true)
final class DataCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(names = "--fetch", description = "Fetch Fashion-MNIST if it is not on this machine.")
    private boolean fetch;

    @Option(names = "--verify", description = "Read all of it, and check its form and, of Fashion-MNIST, the SHA-256.")
    private boolean verify;

    @Option(
            names = "--shard",
            paramLabel = "N",
            description = "Write it as N shards of training images and one of test images, for training on a cluster.")
    private Integer shards;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            converter = NewFolder.class,
            description = "Folder for the shards, new or empty.")
    private Path folder;

    @Option(
            names = "--invert",
            paramLabel = "WHICH",
            description = "With --shard, as train has it: ${COMPLETION-CANDIDATES}.")
    private Invert invert = Invert.AUTO;

    @Mixin
    private DataOption data;

    @Mixin
    private JsonOption json;

    @Override
    public Integer call() throws IOException {
        json.check();
        PrintWriter out = spec.commandLine().getOut();
        if (shards != null) {
            for (String idle : List.of("--fetch", "--verify", "--json")) {
                Usage.refuse(spec, idle, true, "with --shard");
            }
            shard();
            return 0;
        }
        Usage.refuse(spec, "--out", true, "without --shard");
        Usage.refuse(spec, "--invert", true, "without --shard");
        if (fetch) {
            if (data.isChosen()) {
                throw new ParameterException(
                        spec.commandLine(),
                        "--fetch fetches Fashion-MNIST, but --data or " + DatasetLocator.VARIABLE
                                + " names another dataset; drop one of them");
            }
            data.load(spec.commandLine().getErr());
        }
        Place place = data.locate()
                .orElseThrow(() -> new DatasetException(
                        "Fashion-MNIST is not on this machine; fetch it with: bncnn data --fetch"));
        if (!verify) {
            DatasetLocator.check(place);
        }
        out.printf(Locale.ROOT, "%s (%s)%n", place.location(), place.origin());
        if (verify) {
            ImageDataset dataset = DatasetLocator.read(place);
            out.println(DataOption.describe(dataset));
            new TreeMap<>(dataset.sha256())
                    .forEach((file, sha256) -> out.printf(Locale.ROOT, "%s  %s%n", sha256, file));
            out.println(place.checksummed() ? "It is Fashion-MNIST to the letter." : "Its form is right.");
        }
        json.write(place);
        return 0;
    }

    private void shard() throws IOException {
        if (folder == null) {
            throw new ParameterException(spec.commandLine(), "--shard needs --out: the folder to write the shards to");
        }
        if (shards < 1) {
            throw new ParameterException(spec.commandLine(), "--shard must be at least 1, not " + shards);
        }
        ImageDataset dataset = data.load(spec.commandLine().getErr()).with(invert.inversion());
        if (shards > dataset.train().size()) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--shard must be at most " + dataset.train().size() + ", one for each image, not " + shards);
        }
        Shards.requireLabels(dataset);
        try (FolderLock lock = FolderLock.takeNew(folder)) {
            ClusterOption.shard(dataset, shards, lock.folder());
        }
        spec.commandLine().getOut().printf(Locale.ROOT, "%d shards: %s%n", shards, folder);
    }
}
