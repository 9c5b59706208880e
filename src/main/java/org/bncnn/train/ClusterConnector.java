package org.bncnn.train;

import java.io.IOException;
import java.util.ServiceLoader;
import org.bncnn.data.DatasetException;
import org.bncnn.data.Shards;

/** Connects to clusters of a kind. */
public interface ClusterConnector {
    /**
     * {@return the connector on the class path, as {@link ServiceLoader} finds it}
     *
     * @throws IOException if there is none
     */
    static ClusterConnector find() throws IOException {
        return ServiceLoader.load(ClusterConnector.class)
                .findFirst()
                .orElseThrow(() -> new IOException("Spark is not on the class path; start with the launcher bncnn, or"
                        + " with spark-submit and the jar for Spark"));
    }

    /**
     * {@return the list of a dataset's shards}; no cluster is needed
     *
     * @param location folder of the shards
     * @throws DatasetException if there are none
     */
    Shards list(String location) throws DatasetException;

    /**
     * {@return a cluster that is ready to train}
     *
     * @param settings how the training is spread
     * @param location folder of the dataset's shards, see {@link Shards}
     * @throws IOException if the cluster or the shards are not available
     */
    Cluster connect(ClusterSettings settings, String location) throws IOException;
}
