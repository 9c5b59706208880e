package org.bncnn.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.bncnn.data.DatasetException;
import org.bncnn.data.DatasetLocator;
import org.bncnn.data.ImageDataset;
import org.bncnn.data.Shards;
import org.bncnn.text.Numbers;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The option {@code --data}, the same for every command that needs images. */
final class DataOption {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = {
                "Dataset: a folder of IDX files, or of images with one sub-folder per class (within train, val and test"
                        + " if there are such folders), or \"sample\" for the small one that ships with the program.",
                "Default: $BNCNN_DATA, or Fashion-MNIST, fetched if need be."
            })
    private String folder;

    /** Shows a download on a terminal: a bar for each file. */
    private static final class DownloadProgress implements DatasetLocator.Progress, AutoCloseable {
        private static final long MIB = 1 << 20;

        private String file = "";
        private TerminalBar bar = new TerminalBar();

        @Override
        public void fetched(String name, long done, long total) {
            if (!name.equals(file)) {
                close();
                file = name;
                bar = new TerminalBar(name, total, " MiB", MIB);
            }
            bar.stepTo(done);
        }

        @Override
        public void close() {
            bar.close();
        }
    }

    /** {@return whether a dataset was chosen, so that no other will do} */
    boolean isChosen() {
        return new DatasetLocator().isChosen(folder);
    }

    /** {@return the chosen dataset, the same in whatever folder it is read again; null if none was chosen} */
    String chosen() {
        return folder == null || folder.equals(DatasetLocator.SAMPLE) || isUri(folder)
                ? folder
                : Path.of(folder).toAbsolutePath().toString();
    }

    /**
     * {@return whether a folder is one of shards, as {@code bncnn data --shard} makes it} On a cluster's file system it
     * is.
     */
    static boolean isSharded(String folder) {
        return isUri(folder) || Files.exists(Path.of(folder).resolve(Shards.LIST));
    }

    private static boolean isUri(String folder) {
        return folder.contains("://");
    }

    /** Chooses a dataset, unless one was chosen. */
    void chooseUnlessChosen(String dataset) {
        folder = folder == null ? dataset : folder;
    }

    /** {@return where the dataset is; empty if it would have to be fetched} */
    Optional<DatasetLocator.Place> locate() {
        return new DatasetLocator().locate(folder);
    }

    /** Reads the dataset, after fetching it if need be, and describes it. */
    ImageDataset load() throws DatasetException {
        ImageDataset data;
        try (DownloadProgress progress = new DownloadProgress()) {
            data = new DatasetLocator(progress).load(folder);
        }
        println(describe(data));
        return data;
    }

    /** Falls back to the sample if no dataset was chosen and none is available, and warns of it. */
    ImageDataset loadOrSample() throws DatasetException {
        try {
            return load();
        } catch (DatasetException e) {
            if (isChosen()) {
                throw e;
            }
            ImageDataset sample = DatasetLocator.sample();
            println("bncnn: " + e.getMessage());
            println("bncnn: ***** TRAINING ON A SAMPLE: " + describe(sample)
                    + ". The accuracy will be far below the real one. *****");
            return sample;
        }
    }

    private void println(String line) {
        command.commandLine().getErr().println(line);
    }

    static String describe(ImageDataset data) {
        String validation = data.validation() == null
                ? ""
                : Numbers.format(
                        "; %,d validation images, used only with --validation N",
                        data.validation().size());
        return Numbers.format(
                "%s, from %s: %,d training and %,d test images of %d×%d, %d classes%s",
                data.name(),
                data.location(),
                data.train().size(),
                data.test().size(),
                data.train().height(),
                data.train().width(),
                data.train().classNames().size(),
                validation);
    }
}
