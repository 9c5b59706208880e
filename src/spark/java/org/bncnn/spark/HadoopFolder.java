package org.bncnn.spark;

import java.io.IOException;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.Path;
import org.apache.spark.deploy.SparkHadoopUtil;
import org.bncnn.data.DatasetException;
import org.bncnn.data.Shards;
import org.bncnn.store.JsonFile;

/**
 * A folder on a file system that Hadoop knows: local, HDFS, S3A and others, as configured by Spark's properties {@code
 * spark.hadoop.*}.
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

    /**
     * {@return the list of the shards in it}
     *
     * @throws DatasetException if it has none
     */
    Shards list() throws DatasetException {
        try {
            return JsonFile.parse(new String(read(Shards.LIST), StandardCharsets.UTF_8), Shards.class);
        } catch (IOException | RuntimeException e) { // Hadoop throws the latter for a location that is no URI
            throw new DatasetException(
                    nameOf(Shards.LIST) + ": cannot be read ("
                            + String.valueOf(e.getMessage()).lines().findFirst().orElse("")
                            + "); make shards with bncnn data --shard",
                    e);
        }
    }
}
