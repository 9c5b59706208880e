package org.bncnn.explain;

import java.util.List;

/**
 * The article's example: four images of 5×5, a 3×3 convolution without padding, and batch normalization of its output,
 * of shape {@code [4, 1, 3, 3]}: 36 numbers that share one mean and one variance. DL4J's convolution and our {@link
 * org.bncnn.norm.BatchNorm} compute every number, in double precision.
 *
 * @param images the images, {@code [4][5][5]}
 * @param kernel the kernel, {@code [3][3]}
 * @param x the convolution's output, {@code [4][3][3]}
 * @param forward batch normalization of x in training
 * @param backward its gradients
 * @param running the running statistics after each of several batches
 * @param inference the trained layer at inference
 * @param channels the same for three channels
 */
public record WorkedExample(
        double[][][] images,
        double[][] kernel,
        double[][][] x,
        Forward forward,
        Backward backward,
        List<RunningStep> running,
        Inference inference,
        List<Channel> channels) {
    /** ε. */
    public static final double EPS = 1e-5;

    /** Decay: the share of the old running statistic that a step keeps. */
    public static final double DECAY = 0.9;

    /** γ. */
    public static final double GAMMA = 2;

    /** β. */
    public static final double BETA = 0.5;

    /**
     * Algorithm 1 of Ioffe &amp; Szegedy (2015).
     *
     * @param mean μ, the mean of all 36 numbers
     * @param variance σ², biased: the mean of the squared distances
     * @param normalized x̂ = (x − μ)/√(σ² + ε)
     * @param y γ·x̂ + β
     */
    public record Forward(double mean, double variance, double[][][] normalized, double[][][] y) {}

    /**
     * The chain rule backwards through Algorithm 1.
     *
     * @param upstream ∂L/∂y, made up, {@code [4][3][3]}
     * @param dVariance ∂L/∂σ² = Σ γ·∂L/∂y·(x − μ)·(−½)·(σ² + ε)^(−3/2)
     * @param dMean ∂L/∂μ = −Σ γ·∂L/∂y / √(σ² + ε); the paper's second term is 0, because Σ (x − μ) is
     * @param dBeta ∂L/∂β = Σ ∂L/∂y
     * @param dGamma ∂L/∂γ = Σ ∂L/∂y·x̂
     * @param dx ∂L/∂x = γ·∂L/∂y/√(σ² + ε) + ∂L/∂σ²·2(x − μ)/m + ∂L/∂μ/m
     * @param largestDifference the largest absolute difference between these 38 gradients and finite differences
     */
    public record Backward(
            double[][][] upstream,
            double dBeta,
            double dGamma,
            double dVariance,
            double dMean,
            double[][][] dx,
            double largestDifference) {}

    /**
     * The running statistics after a batch.
     *
     * @param x the batch, {@code [4][3][3]}
     * @param mean mean of the batch
     * @param variance variance of the batch, biased
     * @param unbiasedVariance variance of the batch, times m/(m − 1)
     * @param runningMean running mean after the batch
     * @param runningVariance running variance after the batch
     */
    public record RunningStep(
            double[][][] x,
            double mean,
            double variance,
            double unbiasedVariance,
            double runningMean,
            double runningVariance) {}

    /**
     * Algorithm 2, line 11, with the last running statistics.
     *
     * @param scale γ/√(running variance + ε)
     * @param shift β − scale · running mean
     * @param y scale·x + shift for the first image, {@code [3][3]}
     */
    public record Inference(double scale, double shift, double[][] y) {}

    /**
     * A channel with statistics and parameters of its own.
     *
     * @param kernel the kernel that makes it, {@code [3][3]}
     * @param mean mean of its 36 numbers
     * @param variance variance of its 36 numbers, biased
     * @param gamma its γ
     * @param beta its β
     * @param yMean mean of its numbers after batch normalization
     * @param yVariance variance of its numbers after batch normalization, biased
     */
    public record Channel(
            double[][] kernel,
            double mean,
            double variance,
            double gamma,
            double beta,
            double yMean,
            double yVariance) {}

    /** {@return the example, its numbers computed} */
    public static WorkedExample compute() {
        return new Calculation().example();
    }
}
