package org.bncnn.train;

import java.util.List;
import java.util.Locale;
import org.bncnn.data.Shards;
import org.bncnn.data.Shards.Shard;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What a training on a cluster comes to, before it begins.
 *
 * @param settings how it is spread
 * @param shards how many there are
 * @param images in all of them
 * @param rounds of an epoch: each ends with an averaging
 * @param bytes of a copy of the network, updater state included; each worker gets it before a round and sends it after
 */
public record ClusterPlan(ClusterSettings settings, int shards, int images, int rounds, long bytes) {
    /** {@return the plan for a network} */
    public static ClusterPlan of(ClusterSettings settings, Shards shards, MultiLayerNetwork network) {
        int[] sizes = new int[settings.workers()];
        int dealt = 0;
        for (Shard shard : shards.train()) {
            sizes[dealt++ % sizes.length] += shard.size();
        }
        int most = 0;
        for (int size : sizes) {
            most = Math.max(most, size);
        }
        long perRound = (long) settings.batchSize() * settings.averageEvery();
        INDArray updaterState = network.getUpdater().getStateViewArray();
        long values = network.numParams() + (updaterState == null ? 0 : updaterState.length());
        return new ClusterPlan(
                settings,
                shards.train().size(),
                shards.size(),
                Math.toIntExact((most + perRound - 1) / perRound),
                values * Float.BYTES);
    }

    /** {@return it in words} */
    public List<String> lines() {
        return List.of(
                text("%,d images in %,d shards, %s", images, shards, settings.describe()),
                text(
                        "Each epoch: %,d rounds, in which each worker trains at most %,d batches of %,d images",
                        rounds, settings.averageEvery(), settings.batchSize()),
                text(
                        "Each averaging: %,d KB to and from each worker, %.1f MB through the driver; %,.0f MB in an epoch",
                        bytes / 1000, traffic() / 1e6, rounds * traffic() / 1e6));
    }

    private double traffic() {
        return 2.0 * settings.workers() * bytes;
    }

    private static String text(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
