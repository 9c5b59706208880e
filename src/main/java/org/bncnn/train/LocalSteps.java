package org.bncnn.train;

import java.util.ArrayList;
import java.util.List;
import org.bncnn.data.ImageSet;
import org.bncnn.data.ImageSetIterator;
import org.bncnn.model.Augmentation;
import org.bncnn.model.Recipe;
import org.bncnn.model.ReferenceCnn;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.dataset.api.DataSet;
import org.nd4j.linalg.dataset.api.DataSetPreProcessor;
import org.nd4j.linalg.dataset.api.preprocessor.CompositeDataSetPreProcessor;

/**
 * Steps of one batch each, in this process. Images are shuffled for each epoch, augmented and normalised; labels are
 * smoothed.
 */
public final class LocalSteps implements Steps {
    private final MultiLayerNetwork network;
    private final ImageSetIterator batches;
    private final Augmenter augmenter;

    /**
     * Prepares the batches.
     *
     * @param network the network, which is trained in place
     * @param images the training images
     * @param recipe augmentation and label smoothing
     * @param batchSize images per batch, whatever the recipe says
     * @param seed seed of order and augmentation, whatever the recipe says
     */
    public LocalSteps(MultiLayerNetwork network, ImageSet images, Recipe recipe, int batchSize, long seed) {
        this.network = network;
        batches = ImageSetIterator.shuffled(images, batchSize, seed);
        augmenter = new Augmenter(recipe.augmentation(), seed);
        List<DataSetPreProcessor> changes = new ArrayList<>();
        if (!recipe.augmentation().equals(Augmentation.NONE)) {
            changes.add(augmenter);
        }
        changes.add(ReferenceCnn.normalizer());
        if (recipe.labelSmoothing() > 0) {
            changes.add(batch -> smoothLabels(batch, recipe.labelSmoothing()));
        }
        batches.setPreProcessor(new CompositeDataSetPreProcessor(changes.toArray(DataSetPreProcessor[]::new)));
    }

    /**
     * Spreads a share ε of each label evenly over all K classes: {@code y ← (1 − ε)·y + ε/K}. Szegedy et al. (2016),
     * "Rethinking the Inception Architecture for Computer Vision", §7.
     */
    static void smoothLabels(DataSet batch, double share) {
        batch.getLabels().muli(1 - share).addi(share / batch.getLabels().size(1));
    }

    @Override
    public void startEpoch(int epoch, int trained) {
        batches.startEpoch(epoch, trained);
        augmenter.startEpoch(epoch, trained);
    }

    @Override
    public boolean hasNext() {
        return batches.hasNext();
    }

    @Override
    public double[] next() {
        return new double[] {next(batches.batch())};
    }

    /**
     * Trains the next batch.
     *
     * @param size images of the batch; fewer, if the epoch has no more
     * @return the loss of the batch
     */
    public double next(int size) {
        return fit(network, batches.next(size));
    }

    /** {@return the loss of a batch that a network is trained on} DL4J's score includes penalties of regularization. */
    static double fit(MultiLayerNetwork network, org.nd4j.linalg.dataset.DataSet batch) {
        double penalty = network.calcRegularizationScore(true); // before the step, as in the score
        network.fit(batch);
        return network.score() - penalty;
    }

    @Override
    public int images() {
        return batches.position();
    }
}
