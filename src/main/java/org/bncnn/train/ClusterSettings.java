package org.bncnn.train;

import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.bncnn.data.Shards;
import org.bncnn.data.Shards.Shard;
import org.bncnn.model.Norm;
import org.bncnn.model.Recipe;
import org.bncnn.model.ReferenceCnn;
import org.bncnn.text.Numbers;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeConvolutional;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * How a training is spread over a cluster. To make one, begin with {@link #on}.
 *
 * @param master Spark's address of the cluster, such as {@code local[2]} or {@code spark://host:7077}
 * @param workers number of workers that train at the same time, each with a copy of the network
 * @param batchSize images per batch of each worker; an epoch's last batch may be smaller
 * @param averageEvery number of batches of each worker after which the copies are averaged
 * @param repartition whether the shards are dealt to the workers differently in each epoch
 * @param skipCorrupt whether shards that cannot be read are left out, instead of ending the training
 */
public record ClusterSettings(
        String master, int workers, int batchSize, int averageEvery, boolean repartition, boolean skipCorrupt)
        implements Serializable {
    private static final long serialVersionUID = 1L;

    /** Far beyond any cluster and any batch; sums of such numbers stay within an int. */
    private static final int MOST = 1_000_000;

    /** Checks the components. */
    public ClusterSettings {
        Objects.requireNonNull(master, "master");
        require(workers, "workers");
        require(batchSize, "worker batch size");
        require(averageEvery, "average every");
    }

    private static void require(int value, String what) {
        if (value < 1 || value > MOST) {
            throw new IllegalArgumentException(what + " must be 1 to " + MOST + ", not " + value);
        }
    }

    /**
     * {@return settings for a cluster}: averaged every 5 batches, the same shards in each epoch, all of them
     *
     * @param master Spark's address of the cluster
     * @param workers number of workers
     */
    public static ClusterSettings on(String master, int workers) {
        return new ClusterSettings(master, workers, Recipe.REFERENCE.batchSize(), 5, false, false);
    }

    /**
     * {@return these settings on a cluster at another address}
     *
     * @param address Spark's address of the cluster
     */
    public ClusterSettings at(String address) {
        return new ClusterSettings(address, workers, batchSize, averageEvery, repartition, skipCorrupt);
    }

    /**
     * {@return these settings with another batch size}
     *
     * @param images images per batch of each worker
     */
    public ClusterSettings withBatchSize(int images) {
        return new ClusterSettings(master, workers, images, averageEvery, repartition, skipCorrupt);
    }

    /**
     * {@return these settings with averaging at another interval}
     *
     * @param batches number of batches of each worker
     */
    public ClusterSettings withAverageEvery(int batches) {
        return new ClusterSettings(master, workers, batchSize, batches, repartition, skipCorrupt);
    }

    /**
     * {@return these settings with shards that change their worker, or not}
     *
     * @param each whether they do so in each epoch
     */
    public ClusterSettings withRepartition(boolean each) {
        return new ClusterSettings(master, workers, batchSize, averageEvery, each, skipCorrupt);
    }

    /**
     * {@return these settings with corrupt shards left out, or not}
     *
     * @param skipped whether they are left out
     */
    public ClusterSettings withSkipCorrupt(boolean skipped) {
        return new ClusterSettings(master, workers, batchSize, averageEvery, repartition, skipped);
    }

    /** {@return the settings in a few words} */
    public String describe() {
        return workers + " workers on " + master + ", batches of " + batchSize + " each, averaged every " + averageEvery
                + (repartition ? ", shards dealt anew each epoch" : "");
    }

    /** {@return whether the workers are threads of this process} */
    public boolean inThisProcess() {
        return master.startsWith("local");
    }

    /**
     * {@return size and traffic of a training, in lines} A copy of the network, updater state included, goes to each
     * worker before a round and comes back after it.
     *
     * @param shards the dataset's shards
     * @param norm batch normalization of the network
     * @param recipe the training choices
     */
    public List<String> plan(Shards shards, Norm norm, Recipe recipe) {
        int[] dealt = new int[workers];
        int next = 0;
        for (Shard shard : shards.train()) {
            dealt[next++ % workers] += shard.size();
        }
        long perRound = (long) batchSize * averageEvery;
        long rounds = (Arrays.stream(dealt).max().orElse(0) + perRound - 1) / perRound;
        var input = InputType.convolutional(shards.height(), shards.width(), shards.channels());
        MultiLayerNetwork network = ReferenceCnn.initialise(ReferenceCnn.configuration(
                norm, (InputTypeConvolutional) input, shards.classNames().size(), recipe));
        INDArray updaterState = network.getUpdater().getStateViewArray();
        long bytes = Float.BYTES * (network.numParams() + (updaterState == null ? 0 : updaterState.length()));
        double traffic = 2.0 * workers * bytes / 1e6;
        return List.of(
                Numbers.format(
                        "%,d images in %,d shards, %s",
                        shards.size(), shards.train().size(), describe()),
                Numbers.format(
                        "Each epoch: %,d rounds, in which each worker trains at most %,d batches of %,d images",
                        rounds, averageEvery, batchSize),
                Numbers.format(
                        "Each averaging: %,d KB to and from each worker, %.1f MB through the driver; %,.0f MB in an"
                                + " epoch",
                        bytes / 1000, traffic, rounds * traffic));
    }
}
