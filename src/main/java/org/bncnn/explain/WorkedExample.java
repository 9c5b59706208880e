package org.bncnn.explain;

import java.util.List;

/**
 * The article's example: four images of 5×5, a 3×3 convolution without padding, and batch normalization of what comes
 * out, of shape {@code [4, 1, 3, 3]}: 36 numbers that share one mean and one variance. Every number is computed by
 * DL4J's convolution and our {@link org.bncnn.norm.BatchNorm}, in double precision.
 *
 * @param images {@code [4][5][5]}
 * @param kernel {@code [3][3]}
 * @param x what the convolution gives, {@code [4][3][3]}
 * @param forward what batch normalization makes of it in training
 * @param backward the gradients of that
 * @param running what the running statistics become over several batches
 * @param inference what the trained layer does
 * @param channels what becomes of three channels
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

    /** The share of the old running statistic that a step keeps. */
    public static final double DECAY = 0.9;

    public static final double GAMMA = 2;
    public static final double BETA = 0.5;

    /**
     * Algorithm 1 of Ioffe &amp; Szegedy (2015).
     *
     * @param mean μ, of all 36
     * @param variance σ², biased: the mean of the squared distances
     * @param normalized x̂ = (x − μ)/√(σ² + ε)
     * @param y γ·x̂ + β
     */
    public record Forward(double mean, double variance, double[][][] normalized, double[][][] y) {}

    /**
     * The chain rule backwards through Algorithm 1.
     *
     * @param upstream ∂L/∂y, made up
     * @param dVariance ∂L/∂σ² = Σ γ·∂L/∂y·(x − μ)·(−½)·(σ² + ε)^(−3/2)
     * @param dMean ∂L/∂μ = −Σ γ·∂L/∂y / √(σ² + ε); the paper's second term is 0, because Σ (x − μ) is
     * @param dBeta ∂L/∂β = Σ ∂L/∂y
     * @param dGamma ∂L/∂γ = Σ ∂L/∂y·x̂
     * @param dx ∂L/∂x = γ·∂L/∂y/√(σ² + ε) + ∂L/∂σ²·2(x − μ)/m + ∂L/∂μ/m
     * @param largestDifference of these 38 numbers to finite differences
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
     * What one batch does to the running statistics.
     *
     * @param x the batch, {@code [4][3][3]}
     * @param mean of the batch
     * @param variance of the batch, biased
     * @param unbiasedVariance of the batch, times m/(m − 1)
     * @param runningMean after it
     * @param runningVariance after it
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
     * @param y scale·x + shift, of the first image, {@code [3][3]}
     */
    public record Inference(double scale, double shift, double[][] y) {}

    /** A channel: statistics and parameters of its own, and what its numbers have become. */
    public record Channel(
            double[][] kernel,
            double mean,
            double variance,
            double gamma,
            double beta,
            double yMean,
            double yVariance) {}

    /** {@return the example, computed} */
    public static WorkedExample compute() {
        return new Calculation().example();
    }
}
