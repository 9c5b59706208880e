package org.bncnn.train;

import org.bncnn.data.ImageSet;
import org.bncnn.data.ImageSetIterator;
import org.bncnn.model.Recipe;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.dataset.api.preprocessor.DataNormalization;

/** Steps of one batch each, in this process. */
final class LocalSteps implements Steps {
    private final MultiLayerNetwork network;
    private final ImageSetIterator batches;

    LocalSteps(MultiLayerNetwork network, DataNormalization normalizer, ImageSet images, Recipe recipe) {
        this.network = network;
        this.batches = ImageSetIterator.shuffled(images, recipe.batchSize(), recipe.seed());
        this.batches.setPreProcessor(normalizer);
    }

    @Override
    public void startEpoch(int epoch, int batches) {
        this.batches.startEpoch(epoch, batches);
    }

    @Override
    public boolean hasNext() {
        return batches.hasNext();
    }

    @Override
    public double[] next() {
        network.fit(batches.next());
        return new double[] {network.score()};
    }

    @Override
    public int images() {
        return batches.position();
    }
}
