package org.bncnn.eval;

import java.util.Objects;

/**
 * Statistics of what passes through a layer with weights when it sees a batch.
 *
 * @param layer the layer's name
 * @param gradientNorm L2 norm of the gradient of the mean loss by its weights
 * @param activationMean mean of its activations, as the next layer with weights gets them
 * @param activationDeviation standard deviation of these activations, over all of them
 * @param flat share of the activations where the activation function is flat (slope below 0.01) and passes no gradient
 *     back
 */
public record LayerSignal(
        String layer, double gradientNorm, double activationMean, double activationDeviation, double flat) {
    /** Checks the components. */
    public LayerSignal {
        Objects.requireNonNull(layer, "layer");
    }
}
