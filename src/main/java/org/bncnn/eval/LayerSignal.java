package org.bncnn.eval;

import java.util.Objects;

/**
 * What passes through a layer with weights when it sees a batch.
 *
 * @param layer its name
 * @param gradientNorm L2 norm of the gradient of the mean loss by its weights
 * @param activationMean mean of what it gives to the next layer with weights
 * @param activationDeviation standard deviation of that
 * @param flat share of the activations where the activation function is flat, so that they pass no gradient back: slope below 0.01
 */
public record LayerSignal(
        String layer, double gradientNorm, double activationMean, double activationDeviation, double flat) {
    public LayerSignal {
        Objects.requireNonNull(layer, "layer");
    }
}
