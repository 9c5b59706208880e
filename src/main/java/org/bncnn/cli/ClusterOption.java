package org.bncnn.cli;

import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.bncnn.data.DatasetException;
import org.bncnn.data.ImageDataset;
import org.bncnn.data.Shards;
import org.bncnn.model.Recipe;
import org.bncnn.model.ReferenceCnn;
import org.bncnn.store.JsonFile;
import org.bncnn.store.UnwritableFileException;
import org.bncnn.train.Cluster;
import org.bncnn.train.ClusterConnector;
import org.bncnn.train.ClusterPlan;
import org.bncnn.train.ClusterSettings;
import org.bncnn.train.RunFolder;
import org.bncnn.train.TrainingSettings;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeConvolutional;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The options that spread a training over a Spark cluster. */
final class ClusterOption {
    /** Spark's name for threads of this process instead of machines. */
    private static final Pattern LOCAL = Pattern.compile("local(\\[([1-9]\\d{0,3}|\\*)])?");

    /** Spark's names for clusters. */
    private static final Pattern CLUSTER = Pattern.compile("(spark|k8s)://\\S+|yarn");

    /** Checks an address, so far as its form can tell. */
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

        @Option(names = "--dry-run", description = "Tell what it comes to, and train nothing.")
        private boolean dryRun;
    }

    boolean isDryRun() {
        return spread != null && spread.dryRun;
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
        if (recipe.validation() > 0) {
            throw new IllegalArgumentException(
                    "--validation cannot be given with --spark: the images are on the cluster");
        }
        int workers = spread.workers == null ? threads(spread.master) : spread.workers;
        int batchSize =
                spread.batchSize == null ? Math.max(1, recipe.batchSize() / Math.max(1, workers)) : spread.batchSize;
        return Optional.of(new ClusterSettings(
                spread.master, workers, batchSize, spread.averageEvery, spread.repartition, spread.skipCorrupt));
    }

    /**
     * {@return what a run that goes on was told}, but on the cluster that is named now, because its address may be another
     *
     * @throws IOException if only one of them, the run and this call, is on a cluster
     */
    TrainingSettings goingOn(RunFolder run) throws IOException {
        TrainingSettings settings = run.settings();
        if (settings.cluster() == null && spread == null) {
            return settings;
        }
        if (settings.cluster() == null) {
            throw new IOException(run.path() + ": did not begin on a cluster; leave --spark out");
        }
        if (spread == null) {
            throw new IOException(run.path() + ": began on a cluster; name it again with --spark MASTER");
        }
        return settings.on(settings.cluster().at(spread.master));
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

    /** {@return the cluster, with the dataset, ready to train} */
    static Cluster connect(TrainingSettings settings, DataOption data, PrintWriter err) throws IOException {
        return connector().connect(settings.cluster(), shards(settings, data, err));
    }

    /** {@return what the training comes to, in lines} */
    static List<String> plan(TrainingSettings settings, DataOption data, PrintWriter err) throws IOException {
        Shards shards = connector().list(shards(settings, data, err));
        var input = InputType.convolutional(shards.height(), shards.width(), shards.channels());
        MultiLayerNetwork network = ReferenceCnn.initialise(ReferenceCnn.configuration(
                settings.norm(),
                (InputTypeConvolutional) input,
                shards.classNames().size(),
                settings.recipe()));
        return ClusterPlan.of(settings.cluster(), shards, network).lines();
    }

    private static ClusterConnector connector() throws IOException {
        return ServiceLoader.load(ClusterConnector.class)
                .findFirst()
                .orElseThrow(
                        () -> new IOException(
                                "Spark is not on the class path; start with the launcher bncnn, or with spark-submit and the jar for Spark"));
    }

    /**
     * {@return where the shards are} Threads of this process can do with any dataset: it is cut into shards for them, which are gone when the
     * process ends.
     */
    private static String shards(TrainingSettings settings, DataOption data, PrintWriter err) throws IOException {
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
                    + ": is not in shards, as a cluster needs it; make them with bncnn data --shard N --out DIR, and name DIR"
                    + " with --data");
        }
        ImageDataset dataset = data.loadOrSample(err, settings.invert());
        if (settings.cluster().workers() > dataset.train().size()) {
            throw new DatasetException(dataset.location() + ": has fewer training images ("
                    + dataset.train().size() + ") than --workers "
                    + settings.cluster().workers());
        }
        Path shards = temporaryFolder();
        shard(dataset, settings.cluster().workers(), shards);
        shards.toFile().deleteOnExit();
        try (Stream<Path> files = Files.list(shards)) {
            files.map(Path::toFile).forEach(File::deleteOnExit); // the last one named is deleted first
        }
        return shards.toString();
    }

    private static Path temporaryFolder() throws IOException {
        try {
            return Files.createTempDirectory("bncnn-shards-");
        } catch (IOException e) {
            throw new UnwritableFileException(Path.of(System.getProperty("java.io.tmpdir")), e);
        }
    }

    /** Writes a dataset in pieces, and then their list, into a folder that exists. */
    static void shard(ImageDataset dataset, int count, Path folder) throws IOException {
        JsonFile.write(folder.resolve(Shards.LIST), Shards.write(dataset, count, folder));
    }
}
