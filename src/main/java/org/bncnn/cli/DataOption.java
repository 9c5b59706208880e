package org.bncnn.cli;

import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import org.bncnn.data.DatasetException;
import org.bncnn.data.DatasetLocator;
import org.bncnn.data.ImageDataset;
import org.bncnn.data.Inversion;
import org.bncnn.data.Shards;
import picocli.CommandLine.Option;

/** The option {@code --data}, the same for every command that needs images. */
final class DataOption {
    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = {
                "Dataset: a folder of IDX files, or of images with one sub-folder per class (within train, val and test if there"
                        + " are such folders), or \"sample\" for the small one that ships with the program.",
                "Default: $BNCNN_DATA, or Fashion-MNIST, fetched if need be."
            })
    private String folder;

    /** {@return whether a dataset was chosen, so that no other will do} */
    boolean isChosen() {
        return new DatasetLocator().isChosen(folder);
    }

    /** {@return what was chosen, the same in whatever folder it is read again; null if nothing was} */
    String chosen() {
        return folder == null || folder.equals(DatasetLocator.SAMPLE) || isUri(folder)
                ? folder
                : Path.of(folder).toAbsolutePath().toString();
    }

    /** {@return whether a folder is one of shards, as {@code bncnn data --shard} makes it}; on a cluster's file system it cannot be another */
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

    /** Reads the dataset, after fetching it if need be, and says what it is. */
    ImageDataset load(PrintWriter err) throws DatasetException {
        ImageDataset data;
        try (DownloadProgress progress = new DownloadProgress()) {
            data = new DatasetLocator(progress).load(folder);
        }
        err.println(describe(data));
        return data;
    }

    /** Falls back to the sample if no dataset was chosen and none can be had, and says so where it cannot be overlooked. */
    ImageDataset loadOrSample(PrintWriter err) throws DatasetException {
        try {
            return load(err);
        } catch (DatasetException e) {
            if (isChosen()) {
                throw e;
            }
            ImageDataset sample = DatasetLocator.sample();
            err.println("bncnn: " + e.getMessage());
            err.println("bncnn: ***** TRAINING ON A SAMPLE: " + describe(sample)
                    + ". The accuracy will be far below the real one. *****");
            return sample;
        }
    }

    /** The same, with its images inverted if that was chosen; null leaves it to the dataset. */
    ImageDataset loadOrSample(PrintWriter err, Inversion chosen) throws DatasetException {
        return loadOrSample(err).with(chosen);
    }

    static String describe(ImageDataset data) {
        return String.format(
                Locale.ROOT,
                "%s, from %s: %,d training and %,d test images of %d×%d, %d classes%s",
                data.name(),
                data.location(),
                data.train().size(),
                data.test().size(),
                data.train().height(),
                data.train().width(),
                data.train().classNames().size(),
                ownValidation(data));
    }

    private static String ownValidation(ImageDataset data) {
        return data.validation() == null
                ? ""
                : String.format(
                        Locale.ROOT,
                        "; %,d validation images, used only with --validation N",
                        data.validation().size());
    }
}
