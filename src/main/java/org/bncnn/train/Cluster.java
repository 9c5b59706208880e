package org.bncnn.train;

import java.io.Closeable;
import java.util.OptionalLong;
import org.bncnn.data.DatasetException;
import org.bncnn.data.ImageDataset;
import org.bncnn.engine.Engine;
import org.bncnn.model.Norm;
import org.bncnn.model.Recipe;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/**
 * Machines that train a network together, each on its own part of the images. A training in this process alone has a
 * cluster of one, {@link ThisProcess}.
 */
public interface Cluster extends Closeable {
    /**
     * {@return the dataset}, with at least the first part of its training images
     *
     * @throws DatasetException if it cannot be read
     */
    ImageDataset data() throws DatasetException;

    /** {@return number of training images on all machines} */
    int images();

    /** {@return images per batch of each machine} */
    int batchSize();

    /** {@return the cluster in a few words}, for provenance */
    String describe();

    /**
     * Makes sure that a network can train on each batch.
     *
     * @param norm the network's batch normalization
     * @throws DatasetException if a batch is one image, which batch normalization cannot train on
     */
    default void requireTrainable(Norm norm) throws DatasetException {}

    /**
     * {@return number of steps that lead to a position; empty if it depends on the machines}
     *
     * @param epochs completed epochs
     * @param batches batches trained of the epoch after them
     */
    default OptionalLong stepsTo(int epochs, int batches) {
        return OptionalLong.empty();
    }

    /**
     * {@return the steps of a training on all machines}
     *
     * @param network the network, which is trained in place
     * @param recipe the training choices
     * @param engine the engine that the machines compute with
     */
    Steps steps(MultiLayerNetwork network, Recipe recipe, Engine engine);
}
