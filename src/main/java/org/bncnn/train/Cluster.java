package org.bncnn.train;

import java.io.Closeable;
import org.bncnn.data.DatasetException;
import org.bncnn.data.ImageDataset;
import org.bncnn.engine.Engine;
import org.bncnn.model.Recipe;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/** Several machines that train a network together, each on its own part of the images. */
public interface Cluster extends Closeable {
    /** {@return how it is spread} */
    ClusterSettings settings();

    /** {@return the dataset}, with no more of the training images than the first part */
    ImageDataset data() throws DatasetException;

    /** {@return how many training images there are on it} */
    int images();

    /**
     * {@return steps that train on all of it}
     *
     * @param network is trained in place
     * @param engine that the machines compute with
     */
    Steps steps(MultiLayerNetwork network, Recipe recipe, Engine engine);
}
