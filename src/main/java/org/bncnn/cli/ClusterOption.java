package org.bncnn.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bncnn.data.ImageDataset;
import org.bncnn.data.Shards;
import org.bncnn.model.Recipe;
import org.bncnn.store.JsonFile;
import org.bncnn.train.Cluster;
import org.bncnn.train.ClusterConnector;
import org.bncnn.train.ClusterSettings;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** The options that spread a training over a Spark cluster. */
final class ClusterOption {
    /** Spark's name for threads of this process in the place of machines. */
    private static final Pattern LOCAL = Pattern.compile("local(\\[(\\d+|\\*)])?");

    @ArgGroup(exclusive = false, heading = "%nOn a Spark cluster:%n")
    private Spread spread;

    private static final class Spread {
        @Option(
                names = "--spark",
                paramLabel = "MASTER",
                arity = "0..1",
                fallbackValue = "local[*]",
                required = true,
                description = {
                    "Train on Spark: local[N] (N threads of this process), spark://HOST:PORT, yarn, k8s://… Without MASTER: local[*].",
                    "--data is a folder that bncnn data --shard made, on any file system that Hadoop knows."
                })
        private String master;

        @Option(
                names = "--workers",
                paramLabel = "N",
                description = "Copies of the network that train at the same time. Default: the threads of local[N].")
        private Integer workers;

        @Option(
                names = "--worker-batch-size",
                paramLabel = "N",
                description =
                        "Images per step of each worker. Default: --batch-size divided by --workers, so that all together see as many.")
        private Integer batchSize;

        @Option(
                names = "--average-every",
                paramLabel = "N",
                description = "Average the copies after so many steps of each. Default: ${DEFAULT-VALUE}.",
                defaultValue = "5")
        private int averageEvery;

        @Option(names = "--repartition", description = "Deal the shards to the workers anew in each epoch.")
        private boolean repartition;

        @Option(
                names = "--skip-corrupt",
                description = "Leave shards out that cannot be read, in the place of giving up.")
        private boolean skipCorrupt;
    }

    /**
     * {@return how the training is to be spread}; empty if it is not
     *
     * @throws IllegalArgumentException if the options make no sense
     */
    Optional<ClusterSettings> settings(Recipe recipe) {
        if (spread == null) {
            return Optional.empty();
        }
        int workers = spread.workers == null ? threads(spread.master) : spread.workers;
        if (workers < 1) {
            throw new IllegalArgumentException("workers must be at least 1, not " + workers);
        }
        int batchSize = spread.batchSize == null ? Math.max(1, recipe.batchSize() / workers) : spread.batchSize;
        return Optional.of(new ClusterSettings(
                spread.master, workers, batchSize, spread.averageEvery, spread.repartition, spread.skipCorrupt));
    }

    private static int threads(String master) {
        Matcher local = LOCAL.matcher(master);
        if (!local.matches()) {
            throw new IllegalArgumentException("say how many --workers train on " + master);
        }
        if (local.group(1) == null) {
            return 1;
        }
        return local.group(2).equals("*")
                ? Runtime.getRuntime().availableProcessors()
                : Integer.parseInt(local.group(2));
    }

    /**
     * {@return the cluster, connected}
     *
     * @param location of the shards
     */
    static Cluster connect(ClusterSettings settings, String location) throws IOException {
        return ServiceLoader.load(ClusterConnector.class)
                .findFirst()
                .orElseThrow(
                        () -> new IOException(
                                "Spark is not on the class path; start with the launcher bncnn, or with spark-submit and the jar for Spark"))
                .connect(settings, location);
    }

    /** Writes a dataset in pieces and their list, which makes the folder one of shards. */
    static Shards shard(ImageDataset dataset, int count, Path folder) throws IOException {
        Files.createDirectories(folder);
        Shards shards = Shards.write(dataset, count, folder);
        JsonFile.write(folder.resolve(Shards.LIST), shards);
        return shards;
    }
}
