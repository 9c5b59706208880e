package org.bncnn.spark;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.storage.StorageLevel;
import org.bncnn.data.DatasetException;
import org.bncnn.data.Shards;
import org.bncnn.data.Shards.Shard;
import org.bncnn.train.ClusterSettings;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Which worker has which shards, and the images themselves, in the workers' memory. */
final class Dealing {
    private static final Logger log = LoggerFactory.getLogger(Dealing.class);

    private final JavaSparkContext spark;
    private final Shards shards;
    private final HadoopFolder folder;
    private final ClusterSettings settings;
    private JavaRDD<Part> parts;
    private int[] sizes;
    private List<Shard> order = List.of();

    /** @throws DatasetException if there are fewer shards than workers */
    Dealing(JavaSparkContext spark, Shards shards, HadoopFolder folder, ClusterSettings settings)
            throws DatasetException {
        this.spark = spark;
        this.shards = shards;
        this.folder = folder;
        this.settings = settings;
        if (shards.train().size() < settings.workers()) {
            throw new DatasetException(folder.location() + ": has "
                    + shards.train().size() + " shards for " + settings.workers()
                    + " workers; make more with bncnn data --shard, or take fewer workers");
        }
    }

    /**
     * Deals the shards for an epoch, and has the workers read them.
     *
     * @throws DatasetException if some cannot be read and are not to be skipped, or a worker has none left
     */
    void deal(int epoch, long seed) throws IOException {
        List<Shard> dealt = new ArrayList<>(shards.train());
        if (settings.repartition() && epoch > 0) { // the first is dealt before the seed is known
            Collections.shuffle(dealt, new Random(31 * seed + epoch));
        }
        if (dealt.equals(order)) {
            return;
        }
        if (parts != null) {
            parts.unpersist();
        }
        order = dealt;
        parts = read(spark, shards, hands(), folder);
        sizes = readAll();
    }

    /** {@return the shards of each worker, dealt like cards} */
    private List<List<Shard>> hands() {
        List<List<Shard>> hands = new ArrayList<>();
        for (int worker = 0; worker < settings.workers(); worker++) {
            List<Shard> hand = new ArrayList<>();
            for (int i = worker; i < order.size(); i += settings.workers()) {
                hand.add(order.get(i));
            }
            hands.add(hand);
        }
        return hands;
    }

    /** Static, so that the workers are not sent this object. */
    private static JavaRDD<Part> read(
            JavaSparkContext spark, Shards shards, List<List<Shard>> hands, HadoopFolder folder) {
        return spark.parallelize(hands, hands.size())
                .map(hand -> Part.read(shards, hand, folder))
                .persist(StorageLevel.MEMORY_ONLY());
    }

    /** {@return how many images each worker has, now that it has read them} */
    private int[] readAll() throws IOException {
        List<Part.Summary> read = SparkSteps.collect(parts.map(Part::summary));
        for (Part.Summary part : read) {
            for (String problem : part.problems()) {
                if (!settings.skipCorrupt()) {
                    throw new DatasetException(problem + "; or leave it out with --skip-corrupt");
                }
                log.warn("{}; left out", problem);
            }
        }
        if (read.stream().anyMatch(part -> part.size() == 0)) {
            throw new DatasetException(
                    folder.location() + ": a worker has no shard left that can be read; take fewer workers");
        }
        return read.stream().mapToInt(Part.Summary::size).toArray();
    }

    /** {@return the images of each worker} */
    JavaRDD<Part> parts() {
        return parts;
    }

    /** {@return how many images each worker has} */
    int[] sizes() {
        return sizes;
    }

    /** {@return how many images all of them have} */
    int images() {
        return Arrays.stream(sizes).sum();
    }
}
