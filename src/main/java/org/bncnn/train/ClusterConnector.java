package org.bncnn.train;

import java.io.IOException;

/** Connects to clusters of a kind; found by {@link java.util.ServiceLoader}. */
public interface ClusterConnector {
    /**
     * {@return a cluster that is ready to train}
     *
     * @param location of the shards of a dataset, see {@link org.bncnn.data.Shards}
     * @throws IOException if the cluster or the shards cannot be had
     */
    Cluster connect(ClusterSettings settings, String location) throws IOException;
}
