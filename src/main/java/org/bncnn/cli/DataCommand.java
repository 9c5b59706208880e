package org.bncnn.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import org.bncnn.data.DatasetException;
import org.bncnn.data.DatasetLocator;
import org.bncnn.data.DatasetLocator.Place;
import org.bncnn.data.ImageDataset;
import org.bncnn.data.Shards;
import org.bncnn.store.JsonFile;
import org.bncnn.train.FolderLock;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code bncnn data}: shows where the dataset is, fetches it, checks it. */
@Command(name = "data", description = "Show where the dataset is; fetch it, verify it, cut it into shards.")
final class DataCommand extends Subcommand {
    @Option(names = "--fetch", description = "Fetch Fashion-MNIST if it is not on this machine.")
    private boolean fetch;

    @Option(names = "--verify", description = "Read all of it, and check its form and, of Fashion-MNIST, the SHA-256.")
    private boolean verify;

    @Option(names = "--shard", paramLabel = "N", description = "Write it as N shards, for training on a cluster.")
    private Integer shards;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            converter = PathName.OfNewFolder.class,
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
        if (shards != null) {
            for (String idle : List.of("--fetch", "--verify", "--json")) {
                refuse(idle, true, "with --shard");
            }
            shard();
            return 0;
        }
        refuse("--out", true, "without --shard");
        refuse("--invert", true, "without --shard");
        if (fetch) {
            if (data.isChosen()) {
                throw wrong("--fetch fetches Fashion-MNIST, but --data or " + DatasetLocator.VARIABLE
                        + " names another dataset; drop one of them");
            }
            data.load();
        }
        Place place = data.locate()
                .orElseThrow(() -> new DatasetException(
                        "Fashion-MNIST is not on this machine; fetch it with: bncnn data --fetch"));
        if (!verify) {
            DatasetLocator.check(place);
        }
        out().println(place.location() + " (" + place.origin() + ")");
        if (verify) {
            ImageDataset dataset = DatasetLocator.read(place);
            out().println(DataOption.describe(dataset));
            new TreeMap<>(dataset.sha256()).forEach((file, sha256) -> out().println(sha256 + "  " + file));
            out().println(place.checksummed() ? "Checksums match Fashion-MNIST." : "Its form is right.");
        }
        json.write(place);
        return 0;
    }

    private void shard() throws IOException {
        if (folder == null) {
            throw wrong("--shard needs --out: the folder to write the shards to");
        }
        if (shards < 1) {
            throw wrong("--shard must be at least 1, not " + shards);
        }
        ImageDataset dataset = data.load().with(invert.inversion());
        int images = dataset.train().size();
        if (shards > images) {
            throw wrong("--shard must be at most " + images + ", one for each image, not " + shards);
        }
        Shards.requireLabels(dataset);
        try (FolderLock lock = FolderLock.takeNew(folder)) {
            JsonFile.write(lock.folder().resolve(Shards.LIST), Shards.write(dataset, shards, lock.folder()));
        }
        out().println(shards + " shards: " + folder);
    }
}
