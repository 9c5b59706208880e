package org.bncnn.eval;

import java.util.Objects;

/**
 * A batch normalization layer: the spread of its parameters, and its input and output for a batch.
 *
 * @param layer the layer's name
 * @param gamma γ of its channels
 * @param beta β of its channels
 * @param runningMean of its channels
 * @param runningVariance of its channels
 * @param before its input
 * @param after its output, in the same bins
 */
public record NormSignal(
        String layer,
        Spread gamma,
        Spread beta,
        Spread runningMean,
        Spread runningVariance,
        Histogram before,
        Histogram after) {
    /** Checks the components. */
    public NormSignal {
        Objects.requireNonNull(layer, "layer");
        Objects.requireNonNull(gamma, "gamma");
        Objects.requireNonNull(beta, "beta");
        Objects.requireNonNull(runningMean, "runningMean");
        Objects.requireNonNull(runningVariance, "runningVariance");
        Objects.requireNonNull(before, "before");
        Objects.requireNonNull(after, "after");
        if (before.counts().size() != after.counts().size()) {
            throw new IllegalArgumentException("before has " + before.counts().size() + " bins, after "
                    + after.counts().size());
        }
        if (before.counts().stream().allMatch(count -> count == 0)) {
            throw new IllegalArgumentException("before has no values");
        }
    }
}
