package org.bncnn.spark;

import java.io.IOException;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.bncnn.data.DatasetException;
import org.bncnn.data.ImageDataset;
import org.bncnn.data.Shards;
import org.bncnn.engine.Engine;
import org.bncnn.model.Recipe;
import org.bncnn.train.Cluster;
import org.bncnn.train.ClusterSettings;
import org.bncnn.train.Steps;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/** A Spark cluster, and the shards of a dataset that its workers hold in memory. */
final class SparkCluster implements Cluster {
    private static final String LOOPBACK = "127.0.0.1";

    private final ClusterSettings settings;
    private final JavaSparkContext spark;
    private final HadoopFolder folder;
    private final Shards shards;
    private final Dealing dealing;

    /**
     * Connects, and has the workers read their shards.
     *
     * @param location of the shards: a folder on any file system that Hadoop knows
     * @throws DatasetException if there are no shards, or fewer than workers, or some cannot be read and are not to be
     *     skipped
     */
    SparkCluster(ClusterSettings settings, String location) throws IOException {
        this.settings = settings;
        this.folder = new HadoopFolder(location);
        this.spark = new JavaSparkContext(configuration(settings));
        try {
            spark.sc().addSparkListener(new WorkerListener());
            this.shards = folder.list();
            this.dealing = new Dealing(spark, shards, folder, settings);
            dealing.deal(0, 0);
        } catch (IOException | RuntimeException e) {
            spark.close();
            throw e;
        }
    }

    /**
     * {@return what Spark is told} Its ports run code for whoever connects and need not say who that is, unless {@code
     * spark.authenticate} is true. The threads of this process have such ports too, which any user of the machine
     * reaches.
     *
     * @throws IOException if nobody has decided whether a standalone cluster authenticates
     */
    static SparkConf configuration(ClusterSettings settings) throws IOException {
        SparkConf configuration = new SparkConf()
                .setAppName("bncnn")
                .setMaster(settings.master())
                .setIfMissing("spark.ui.enabled", "false")
                .setIfMissing("spark.executorEnv.OMP_NUM_THREADS", "1")
                .setIfMissing(
                        "spark.executor.extraJavaOptions", "-Dlogback.configurationFile=org/bncnn/spark/logging.xml");
        if (settings.inThisProcess()) { // nobody else is to be talked to; Spark draws the secret itself
            return configuration
                    .setIfMissing("spark.driver.bindAddress", LOOPBACK)
                    .setIfMissing("spark.driver.host", LOOPBACK)
                    .set("spark.authenticate", "true")
                    .set("spark.network.crypto.enabled", "true")
                    .set("spark.network.crypto.saslFallback", "false");
        }
        if (settings.master().startsWith("spark://") && !configuration.contains("spark.authenticate")) {
            throw new IOException(
                    settings.master() + ": whoever reaches a cluster without a secret can run code on it; set"
                            + " -Dspark.authenticate=true and -Dspark.authenticate.secret there and here (see docs/spark.md), or"
                            + " -Dspark.authenticate=false if nobody else can reach it");
        }
        if (!configuration.contains(
                "spark.submit.deployMode")) { // the workers have our files, or spark-submit would be used
            configuration.setIfMissing("spark.executor.extraClassPath", System.getProperty("java.class.path"));
        }
        return configuration;
    }

    @Override
    public int batchSize() {
        return settings.batchSize();
    }

    @Override
    public String describe() {
        return settings.describe();
    }

    @Override
    public ImageDataset data() throws DatasetException {
        return new ImageDataset(
                shards.name(),
                folder.location(),
                shards.read(shards.train().get(0), folder),
                null,
                shards.read(shards.test(), folder),
                shards.sha256(),
                shards.inversion());
    }

    @Override
    public int images() {
        return dealing.images();
    }

    @Override
    public Steps steps(MultiLayerNetwork network, Recipe recipe, Engine engine) {
        return new SparkSteps(spark, dealing, settings, network, recipe, engine);
    }

    @Override
    public void close() {
        spark.close();
    }
}
