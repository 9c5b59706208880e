package org.bncnn.spark;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.storage.StorageLevel;
import org.bncnn.data.DatasetException;
import org.bncnn.data.ImageDataset;
import org.bncnn.data.ImageSet;
import org.bncnn.data.Shards;
import org.bncnn.data.Shards.Shard;
import org.bncnn.engine.Engine;
import org.bncnn.model.Recipe;
import org.bncnn.store.JsonFile;
import org.bncnn.train.Cluster;
import org.bncnn.train.ClusterSettings;
import org.bncnn.train.Steps;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/** A Spark cluster and the shards of a dataset that it trains on. */
final class SparkCluster implements Cluster {
    private static final String LOOPBACK = "127.0.0.1";

    private final ClusterSettings settings;
    private final JavaSparkContext spark;
    private final HadoopFolder folder;
    private final Shards shards;
    private final JavaRDD<ImageSet> parts;
    private final int[] sizes;

    /**
     * Connects.
     *
     * @param location of the shards: a folder on any file system that Hadoop knows
     * @throws DatasetException if there are no shards, or fewer than workers
     */
    SparkCluster(ClusterSettings settings, String location) throws IOException {
        this.settings = settings;
        this.spark = new JavaSparkContext(configuration(settings));
        this.folder = new HadoopFolder(location);
        this.shards = JsonFile.parse(new String(folder.read(Shards.LIST), StandardCharsets.UTF_8), Shards.class);
        List<List<Shard>> dealt = deal(shards.train(), settings.workers());
        this.sizes = dealt.stream()
                .mapToInt(hand -> hand.stream().mapToInt(Shard::size).sum())
                .toArray();
        this.parts = read(spark, dealt, shards, folder);
    }

    private static SparkConf configuration(ClusterSettings settings) {
        SparkConf configuration = new SparkConf()
                .setAppName("bncnn")
                .setMaster(settings.master())
                .setIfMissing("spark.ui.enabled", "false")
                .setIfMissing("spark.executorEnv.OMP_NUM_THREADS", "1");
        if (settings.master().startsWith("local")) { // nobody else is to be talked to
            configuration
                    .setIfMissing("spark.driver.bindAddress", LOOPBACK)
                    .setIfMissing("spark.driver.host", LOOPBACK);
        }
        return configuration;
    }

    /** {@return the shards of each worker, dealt like cards} */
    private static List<List<Shard>> deal(List<Shard> shards, int workers) throws DatasetException {
        if (shards.size() < workers) {
            throw new DatasetException("there are " + shards.size() + " shards for " + workers
                    + " workers; make more with bncnn data --shard, or take fewer workers");
        }
        List<List<Shard>> dealt = new ArrayList<>();
        for (int worker = 0; worker < workers; worker++) {
            List<Shard> hand = new ArrayList<>();
            for (int i = worker; i < shards.size(); i += workers) {
                hand.add(shards.get(i));
            }
            dealt.add(hand);
        }
        return dealt;
    }

    private static JavaRDD<ImageSet> read(
            JavaSparkContext spark, List<List<Shard>> dealt, Shards shards, HadoopFolder folder) {
        return spark.parallelize(dealt, dealt.size())
                .map(hand -> {
                    List<ImageSet> sets = new ArrayList<>();
                    for (Shard shard : hand) {
                        sets.add(shards.read(shard, folder));
                    }
                    return ImageSet.concatenate(sets);
                })
                .persist(StorageLevel.MEMORY_ONLY());
    }

    @Override
    public ClusterSettings settings() {
        return settings;
    }

    @Override
    public ImageDataset data() throws DatasetException {
        return new ImageDataset(
                shards.name(),
                folder.location(),
                shards.read(shards.train().get(0), folder),
                shards.read(shards.test(), folder),
                shards.sha256());
    }

    @Override
    public int images() {
        return shards.size();
    }

    @Override
    public Steps steps(MultiLayerNetwork network, Recipe recipe, Engine engine) {
        return new SparkSteps(spark, parts, sizes, settings, network, recipe, engine);
    }

    @Override
    public void close() {
        spark.close();
    }
}
