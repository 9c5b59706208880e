package org.bncnn.cli;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.bncnn.data.DatasetException;
import org.bncnn.data.ImageDataset;
import org.bncnn.data.Shards;
import org.bncnn.model.Recipe;
import org.bncnn.store.JsonFile;
import org.bncnn.store.UnwritableFileException;
import org.bncnn.train.Cluster;
import org.bncnn.train.ClusterConnector;
import org.bncnn.train.ClusterSettings;
import org.bncnn.train.RunFolder;
import org.bncnn.train.ThisProcess;
import org.bncnn.train.TrainingSettings;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The options that spread a training over a Spark cluster. Without them this process trains alone. */
final class ClusterOption {
    /** Spark's name for threads of this process instead of machines. */
    private static final Pattern LOCAL = Pattern.compile("local(\\[([1-9]\\d{0,3}|\\*)])?");

    /** Spark's names for clusters. */
    private static final Pattern CLUSTER = Pattern.compile("(spark|k8s)://\\S+|yarn");

    /** Checks the form of an address. */
    static final class Master implements ITypeConverter<String> {
        @Override
        public String convert(String master) {
            if (!LOCAL.matcher(master).matches() && !CLUSTER.matcher(master).matches()) {
                throw new TypeConversionException(
                        "expected local, local[N], local[*], spark://HOST:PORT, yarn or k8s://…, not '" + master + "'");
            }
            return master;
        }
    }

    @ArgGroup(exclusive = false, heading = "%nOn a Spark cluster:%n")
    private Spread spread;

    private static final class Spread {
        @Option(
                names = "--spark",
                paramLabel = "MASTER",
                converter = Master.class,
                arity = "0..1",
                fallbackValue = "local[*]",
                required = true,
                description = {
                    "Train on Spark: local[N] (N threads of this process), spark://HOST:PORT, yarn, k8s://… Without"
                            + " MASTER: local[*].",
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
                description = "Images per step of each worker. Default: --batch-size divided by --workers, so that all"
                        + " workers together process one batch.")
        private Integer batchSize;

        @Option(
                names = "--average-every",
                paramLabel = "N",
                description = "Average the copies after N steps of each. Default: ${DEFAULT-VALUE}.",
                defaultValue = "5")
        private int averageEvery;

        @Option(names = "--repartition", description = "Deal the shards to the workers again in each epoch.")
        private boolean repartition;

        @Option(names = "--skip-corrupt", description = "Leave out shards that cannot be read, instead of giving up.")
        private boolean skipCorrupt;

        @Option(names = "--dry-run", description = "Print the plan without training.")
        private boolean dryRun;
    }

    boolean isDryRun() {
        return spread != null && spread.dryRun;
    }

    /** {@return the option that a resumed training has to be given again} */
    String again() {
        return spread == null ? "" : " --spark " + spread.master;
    }

    /**
     * {@return how the training is to be spread}; null if it is not
     *
     * @throws IllegalArgumentException if the options make no sense
     */
    ClusterSettings settings(Recipe recipe) {
        if (spread == null) {
            return null;
        }
        if (recipe.validation() > 0) {
            throw new IllegalArgumentException(
                    "--validation cannot be given with --spark: the images are on the cluster");
        }
        int workers = spread.workers == null ? threads(spread.master) : spread.workers;
        int shared = Math.max(1, recipe.batchSize() / Math.max(1, workers));
        return ClusterSettings.on(spread.master, workers)
                .withBatchSize(spread.batchSize == null ? shared : spread.batchSize)
                .withAverageEvery(spread.averageEvery)
                .withRepartition(spread.repartition)
                .withSkipCorrupt(spread.skipCorrupt);
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
     * {@return the settings of a run that is resumed}, on the cluster that is named now, whose address may have changed
     *
     * @throws IOException if only one of them, the run and this call, is on a cluster
     */
    TrainingSettings resumed(RunFolder run) throws IOException {
        TrainingSettings settings = run.settings();
        if (settings.cluster() == null && spread != null) {
            throw new IOException(run.path() + ": did not begin on a cluster; leave --spark out");
        }
        if (settings.cluster() != null && spread == null) {
            throw new IOException(run.path() + ": began on a cluster; name it again with --spark MASTER");
        }
        return spread == null ? settings : settings.on(settings.cluster().at(spread.master));
    }

    /** {@return the cluster, with the dataset, ready to train} */
    static Cluster connect(TrainingSettings settings, DataOption data) throws IOException {
        return settings.cluster() == null
                ? new ThisProcess(data.loadOrSample().with(settings.invert()), settings.recipe())
                : ClusterConnector.find().connect(settings.cluster(), shards(settings, data));
    }

    /** {@return the plan of a training, in lines} */
    static List<String> plan(TrainingSettings settings, DataOption data) throws IOException {
        Shards shards = ClusterConnector.find().list(shards(settings, data));
        return settings.cluster().plan(shards, settings.norm(), settings.recipe());
    }

    /** {@return the location of the shards} For threads of this process, any dataset is cut into temporary shards. */
    private static String shards(TrainingSettings settings, DataOption data) throws IOException {
        String location = data.chosen();
        if (location != null && DataOption.isSharded(location)) {
            if (settings.invert() != null) {
                throw new DatasetException(
                        location + ": is in shards, for which --invert is chosen when bncnn data --shard makes them");
            }
            return location;
        }
        if (!settings.cluster().inThisProcess()) {
            throw new DatasetException((location == null ? "the default dataset" : location)
                    + ": is not in shards, as a cluster needs it; make them with bncnn data --shard N --out DIR, and"
                    + " name DIR with --data");
        }
        ImageDataset dataset = data.loadOrSample().with(settings.invert());
        int workers = settings.cluster().workers();
        if (workers > dataset.train().size()) {
            throw new DatasetException(dataset.location() + ": has fewer training images ("
                    + dataset.train().size() + ") than --workers " + workers);
        }
        Path folder = temporaryFolder();
        JsonFile.write(folder.resolve(Shards.LIST), Shards.write(dataset, workers, folder));
        folder.toFile().deleteOnExit();
        try (Stream<Path> files = Files.list(folder)) {
            files.map(Path::toFile).forEach(File::deleteOnExit); // the last one named is deleted first
        }
        return folder.toString();
    }

    private static Path temporaryFolder() throws IOException {
        try {
            return Files.createTempDirectory("bncnn-shards-");
        } catch (IOException e) {
            throw new UnwritableFileException(Path.of(System.getProperty("java.io.tmpdir")), e);
        }
    }
}
