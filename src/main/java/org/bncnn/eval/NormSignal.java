package org.bncnn.eval;

import java.util.Objects;

/**
 * A batch normalization layer: its parameters, and what it makes of a batch.
 *
 * @param layer its name
 * @param gamma γ of its channels
 * @param beta β of its channels
 * @param runningMean of its channels
 * @param runningVariance of its channels
 * @param before what goes into it
 * @param after what comes out of it, in the same bins
 */
public record NormSignal(
        String layer,
        Spread gamma,
        Spread beta,
        Spread runningMean,
        Spread runningVariance,
        Histogram before,
        Histogram after) {
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
