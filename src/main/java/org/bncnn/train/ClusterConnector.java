package org.bncnn.train;

import java.io.IOException;
import org.bncnn.data.DatasetException;
import org.bncnn.data.Shards;

/** Connects to clusters of a kind; found by {@link java.util.ServiceLoader}. */
public interface ClusterConnector {
    /**
     * {@return the list of a dataset's shards}, without a cluster
     *
     * @param location of the shards
     * @throws DatasetException if there are none
     */
    Shards list(String location) throws DatasetException;

    /**
     * {@return a cluster that is ready to train}
     *
     * @param location of the shards of a dataset, see {@link Shards}
     * @throws IOException if the cluster or the shards cannot be had
     */
    Cluster connect(ClusterSettings settings, String location) throws IOException;
}
