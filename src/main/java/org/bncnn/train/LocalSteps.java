package org.bncnn.train;

import org.bncnn.data.ImageSet;
import org.bncnn.model.Recipe;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.preprocessor.DataNormalization;

/** Steps of one batch each, in this process. */
public final class LocalSteps implements Steps {
    private final MultiLayerNetwork network;
    private final TrainingBatches batches;

    LocalSteps(MultiLayerNetwork network, DataNormalization normalizer, ImageSet images, Recipe recipe) {
        this.network = network;
        this.batches = new TrainingBatches(images, normalizer, recipe, recipe.batchSize(), recipe.seed());
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
        return new double[] {fit(network, batches.next())};
    }

    /** {@return the loss of a batch that the network is trained on} DL4J's score has the penalties of regularization in it; the loss has not. */
    public static double fit(MultiLayerNetwork network, DataSet batch) {
        double penalty = network.calcRegularizationScore(true); // before the step, as in the score
        network.fit(batch);
        return network.score() - penalty;
    }

    @Override
    public int images() {
        return batches.position();
    }
}
