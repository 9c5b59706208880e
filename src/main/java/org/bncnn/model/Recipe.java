package org.bncnn.model;

import org.nd4j.linalg.learning.config.IUpdater;

/**
 * A named set of training choices.
 *
 * @param name what the recipe is called on the command line and in files
 * @param epochs passes over the training set, at least 1
 * @param batchSize images per step, at least 1; an epoch's last batch may be smaller
 * @param learningRate of stochastic gradient descent, positive and finite
 * @param momentum heavy-ball momentum, in [0, 1)
 * @param seed for the initial parameters and the order of the images
 */
public record Recipe(String name, int epochs, int batchSize, double learningRate, double momentum, long seed) {
    /** The article's training loop: SGD with learning rate 0.001 and momentum 0.9, batches of 64, 10 epochs. */
    public static final Recipe REFERENCE = new Recipe("reference", 10, 64, 0.001, 0.9, 1);

    public Recipe {
        require(epochs >= 1, "epochs", epochs, "at least 1");
        require(batchSize >= 1, "batch size", batchSize, "at least 1");
        require(
                learningRate > 0 && Double.isFinite(learningRate),
                "learning rate",
                learningRate,
                "positive and finite");
        require(momentum >= 0 && momentum < 1, "momentum", momentum, "at least 0 and below 1");
    }

    private static void require(boolean holds, String what, Number value, String expected) {
        if (!holds) {
            throw new IllegalArgumentException(what + " must be " + expected + ", not " + value);
        }
    }

    /** {@return the size of an epoch's last batch}, if there are so many images, at least 1 */
    public int lastBatchSize(int images) {
        return (images - 1) % batchSize + 1;
    }

    /** {@return the updater of this recipe} */
    public IUpdater updater() {
        return new HeavyBall(learningRate, momentum);
    }
}
