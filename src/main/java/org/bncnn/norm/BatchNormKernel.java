package org.bncnn.norm;

/**
 * The arithmetic of batch normalization on arrays whose channels are seen through {@link ChannelView}s of one shape.
 * {@link ReferenceKernel} reads like the paper and takes everything; fast kernels are tested against it.
 *
 * <p>Nothing is kept between calls, so that one kernel serves any number of threads.
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
     * Algorithm 1: normalises each channel by its own mean and variance.
     *
     * @param src x
     * @param dst y, written; may be the same memory as src
     * @return mean and biased variance of each channel of src
     */
    Statistics forwardTraining(ChannelView src, Affine affine, ChannelView dst);

    /**
     * Algorithm 2, line 11: normalises each channel by given statistics. {@code dst} may be the same memory as {@code
     * src}.
     */
    void forwardInference(ChannelView src, Statistics statistics, Affine affine, ChannelView dst);

    /**
     * The gradients of §3, behind either forward pass.
     *
     * @param src x
     * @param diffDst ∂ℓ/∂y
     * @param statistics what the forward pass normalised by
     * @param ofBatch whether they are those of src itself, so that they have gradients too
     * @param diffSrc ∂ℓ/∂x, written; may be the same memory as diffDst
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

    /**
     * What is done with the normalised values: y = γ·x̂ + β, then ReLU if it is fused.
     *
     * @param gamma γ of each channel
     * @param beta β of each channel
     * @param eps ε, added to the variance
     * @param relu whether y is cut off at 0
     */
    record Affine(double[] gamma, double[] beta, double eps, boolean relu) {
        /** {@return 1/√(σ² + ε) of a channel} */
        double inverseStd(Statistics statistics, int channel) {
            return 1 / Math.sqrt(statistics.variance()[channel] + eps);
        }
    }

    /**
     * Gradients of the loss.
     *
     * @param gamma ∂ℓ/∂γ of each channel
     * @param beta ∂ℓ/∂β of each channel
     */
    record Gradients(double[] gamma, double[] beta) {}
}
