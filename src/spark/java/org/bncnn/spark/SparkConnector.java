package org.bncnn.spark;

import java.io.IOException;
import org.bncnn.data.DatasetException;
import org.bncnn.data.Shards;
import org.bncnn.train.Cluster;
import org.bncnn.train.ClusterConnector;
import org.bncnn.train.ClusterSettings;

/** Connects to Spark. */
public final class SparkConnector implements ClusterConnector {
    @Override
    public Shards list(String location) throws DatasetException {
        return new HadoopFolder(location).list();
    }

    @Override
    public Cluster connect(ClusterSettings settings, String location) throws IOException {
        return new SparkCluster(settings, location);
    }
}
