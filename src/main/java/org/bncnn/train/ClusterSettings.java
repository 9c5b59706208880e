package org.bncnn.train;

import java.io.Serializable;
import java.util.Objects;

/**
 * How a training is spread over a cluster.
 *
 * @param master Spark's address of the cluster, such as {@code local[2]} or {@code spark://host:7077}
 * @param workers that train at the same time, each with a copy of the network
 * @param batchSize of each worker; an epoch's last batch may be smaller
 * @param averageEvery the copies are averaged after so many batches of each worker
 * @param repartition whether the shards are dealt to the workers anew in each epoch
 * @param skipCorrupt whether shards that cannot be read are left out, instead of ending the training
 */
public record ClusterSettings(
        String master, int workers, int batchSize, int averageEvery, boolean repartition, boolean skipCorrupt)
        implements Serializable {
    private static final long serialVersionUID = 1L;

    /** Far beyond any cluster and any batch; sums of such numbers stay within an int. */
    private static final int MOST = 1_000_000;

    public ClusterSettings {
        Objects.requireNonNull(master, "master");
        require(workers, "workers");
        require(batchSize, "worker batch size");
        require(averageEvery, "average every");
    }

    /** {@return the same, on a cluster at that address} */
    public ClusterSettings at(String address) {
        return new ClusterSettings(address, workers, batchSize, averageEvery, repartition, skipCorrupt);
    }

    /** {@return it in a few words} */
    public String describe() {
        return workers + " workers on " + master + ", batches of " + batchSize + " each, averaged every " + averageEvery
                + (repartition ? ", shards dealt anew each epoch" : "");
    }

    /** {@return whether the workers are threads of this process} */
    public boolean inThisProcess() {
        return master.startsWith("local");
    }

    private static void require(int value, String what) {
        if (value < 1 || value > MOST) {
            throw new IllegalArgumentException(what + " must be 1 to " + MOST + ", not " + value);
        }
    }
}
