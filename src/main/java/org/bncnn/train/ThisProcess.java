package org.bncnn.train;

import java.util.OptionalLong;
import org.bncnn.data.DatasetException;
import org.bncnn.data.ImageDataset;
import org.bncnn.engine.Engine;
import org.bncnn.model.Norm;
import org.bncnn.model.Recipe;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/** A cluster of one: this process trains on all images, a batch at a time. */
public final class ThisProcess implements Cluster {
    /** What {@link Cluster#describe} says of it. */
    static final String DESCRIPTION = "none";

    private final ImageDataset data;
    private final Recipe recipe;

    /**
     * Splits a dataset into training and held-out images.
     *
     * @param data the whole dataset
     * @param recipe the recipe, which says how many images are held out
     * @throws DatasetException if the dataset has too few images to hold out that many
     */
    public ThisProcess(ImageDataset data, Recipe recipe) throws DatasetException {
        this.data = HeldOut.of(recipe) == HeldOut.VALIDATION ? data.holdOut(recipe.validation()) : data;
        this.recipe = recipe;
    }

    @Override
    public ImageDataset data() {
        return data;
    }

    @Override
    public int images() {
        return data.train().size();
    }

    @Override
    public int batchSize() {
        return recipe.batchSize();
    }

    @Override
    public String describe() {
        return DESCRIPTION;
    }

    @Override
    public void requireTrainable(Norm norm) throws DatasetException {
        if (norm != Norm.NONE) {
            refuseLoneImage(data, recipe, "choose another --batch-size");
        }
    }

    /**
     * Makes sure that batch normalization can train on each batch.
     *
     * @param data training images, without those that are held out
     * @param recipe the recipe, which says how large the batches are
     * @param remedy what to do if the last batch is one image, for the message
     * @throws DatasetException if it is
     */
    public static void refuseLoneImage(ImageDataset data, Recipe recipe, String remedy) throws DatasetException {
        int images = data.train().size();
        if (recipe.lastBatchSize(images) == 1) {
            throw new DatasetException(data.location() + ": with batches of " + recipe.batchSize() + " the last of "
                    + images + " training images is a batch of its own, and batch normalization cannot train on one"
                    + " image; " + remedy);
        }
    }

    @Override
    public OptionalLong stepsTo(int epochs, int batches) {
        long batchesPerEpoch = (images() + batchSize() - 1L) / batchSize();
        return OptionalLong.of(epochs * batchesPerEpoch + batches);
    }

    @Override
    public Steps steps(MultiLayerNetwork network, Recipe recipe, Engine engine) {
        return new LocalSteps(network, data.train(), recipe, recipe.batchSize(), recipe.seed());
    }

    @Override
    public void close() {}
}
