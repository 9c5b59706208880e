package org.bncnn.norm;

/**
 * The arithmetic of batch normalization, on {@link ChannelView}s of one shape. {@link ReferenceKernel} reads like the
 * paper and takes everything; {@link FloatKernel} is tested against it. A kernel keeps nothing between calls, so that
 * one serves any number of threads.
 */
interface BatchNormKernel {
    /**
     * {@return the fastest kernel that takes these arrays}
     *
     * @param kept which of a channel's values take part; null for all
     */
    static BatchNormKernel forArrays(boolean[] kept, ChannelView... views) {
        if (kept != null) {
            return new ReferenceKernel(kept);
        }
        return FloatKernel.of(views).orElseGet(() -> new ReferenceKernel(null));
    }

    /**
     * Algorithm 1: normalizes each channel of {@code src} by its own mean and biased variance, which it returns.
     * {@code dst} may be the same memory as {@code src}.
     */
    Statistics forwardTraining(ChannelView src, Affine affine, ChannelView dst);

    /**
     * Algorithm 2, line 11: normalizes each channel by given statistics. {@code dst} may be the memory of {@code src}.
     */
    void forwardInference(ChannelView src, Statistics statistics, Affine affine, ChannelView dst);

    /**
     * The gradients of §3, after either forward pass.
     *
     * @param src x
     * @param diffDst ∂ℓ/∂y
     * @param statistics of the forward pass
     * @param ofBatch whether they are those of src itself, so that they have gradients too
     * @param diffSrc ∂ℓ/∂x, written; may be the memory of diffDst
     * @return ∂ℓ/∂γ and ∂ℓ/∂β, sums over the batch
     */
    Gradients backward(
            ChannelView src,
            ChannelView diffDst,
            Statistics statistics,
            boolean ofBatch,
            Affine affine,
            ChannelView diffSrc);

    /** Mean and variance of each channel. */
    record Statistics(double[] mean, double[] variance) {}

    /** The settings of y = γ·x̂ + β, with γ and β of each channel, ε within x̂, and a ReLU of y if it is fused. */
    record Affine(double[] gamma, double[] beta, double eps, boolean relu) {
        /** {@return 1/√(σ² + ε) of a channel} */
        double inverseStd(Statistics statistics, int channel) {
            return 1 / Math.sqrt(statistics.variance()[channel] + eps);
        }
    }

    /** ∂ℓ/∂γ and ∂ℓ/∂β of each channel. */
    record Gradients(double[] gamma, double[] beta) {}
}
