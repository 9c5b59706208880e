package org.bncnn.spark;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.bncnn.data.DatasetException;
import org.bncnn.data.ImageSet;
import org.bncnn.data.Shards;
import org.bncnn.data.Shards.Shard;

/**
 * The training images of a worker.
 *
 * @param images of the shards that could be read; null if none could
 * @param problems what is wrong with each of the others
 */
record Part(ImageSet images, List<String> problems) implements Serializable {
    /** {@return the images of some shards} */
    static Part read(Shards shards, List<Shard> hand, HadoopFolder folder) {
        List<ImageSet> sets = new ArrayList<>();
        List<String> problems = new ArrayList<>();
        for (Shard shard : hand) {
            try {
                sets.add(shards.read(shard, folder));
            } catch (DatasetException e) {
                problems.add(e.getMessage());
            }
        }
        return new Part(sets.isEmpty() ? null : ImageSet.concatenate(sets), problems);
    }

    /** What there is to know of a part without its images. */
    record Summary(int size, List<String> problems) implements Serializable {}

    Summary summary() {
        return new Summary(size(), problems);
    }

    int size() {
        return images == null ? 0 : images.size();
    }
}
