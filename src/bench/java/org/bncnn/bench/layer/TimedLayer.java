package org.bncnn.bench.layer;

/**
 * A batch-normalization layer in training, with the batch to normalize and the gradient of the loss with respect to its
 * output.
 *
 * <p>All have γ = 1, β = 0, ε = {@value #EPS}, and running statistics that keep {@value #DECAY} of their old value in a
 * step.
 */
interface TimedLayer {
    double EPS = 1e-5;
    double DECAY = 0.9;

    /** Normalizes the batch by its own mean and variance. */
    void forward();

    /** Does what {@link #forward()} does, then computes the gradients with respect to input, γ and β. */
    void forwardBackward();

    /** {@return what {@link #forward()} computes} */
    float[] output();

    /** {@return the gradient with respect to the input that {@link #forwardBackward()} computes} */
    float[] inputGradient();

    /** {@return how many threads the native library may use} */
    int threads();
}
