package org.bncnn.spark;

import java.io.IOException;
import java.io.Serializable;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.Path;
import org.apache.spark.deploy.SparkHadoopUtil;
import org.bncnn.data.Shards;

/**
 * A folder on a file system that Hadoop knows: local, HDFS, S3A and others, as configured by Spark's properties {@code spark.hadoop.*}.
 *
 * @param location its URI or path
 */
record HadoopFolder(String location) implements Shards.Folder, Serializable {
    @Override
    public byte[] read(String file) throws IOException {
        Path path = new Path(nameOf(file));
        try (FSDataInputStream in =
                path.getFileSystem(SparkHadoopUtil.get().conf()).open(path)) {
            return in.readAllBytes();
        }
    }

    @Override
    public String nameOf(String file) {
        return new Path(location, file).toString();
    }
}
