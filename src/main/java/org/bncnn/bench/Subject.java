package org.bncnn.bench;

/**
 * A contender's network, with the batches in arrays of its own. A call returns when its work is done, not merely queued.
 *
 * <p>Training is stochastic gradient descent with {@link org.bncnn.model.Recipe#REFERENCE}'s learning rate and momentum on softmax with
 * cross-entropy; batch normalization follows {@link Weights#BN_DECAY} and {@link Weights#BN_EPS}.
 */
public interface Subject extends AutoCloseable {
    /** {@return what runs, with its versions} */
    String version();

    /** {@return how many threads it may use, as it says itself} */
    int threads();

    /**
     * Trains on a batch.
     *
     * @param batch its number
     * @return the mean loss of the batch before the step
     */
    double train(int batch);

    /**
     * Classifies a batch.
     *
     * @param batch its number
     * @return probabilities, [N, classes], row by row
     */
    float[] evaluate(int batch);

    /**
     * Classifies one image.
     *
     * @param image [C, H, W], in [−1, 1]
     * @return probabilities, one for each class
     */
    float[] predict(float[] image);

    @Override
    void close();
}
