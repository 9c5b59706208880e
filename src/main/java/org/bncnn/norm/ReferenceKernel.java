package org.bncnn.norm;

/**
 * Batch normalization as Ioffe &amp; Szegedy (2015) write it, channel by channel in double precision, with the paper's
 * names: the mini-batch of a channel is x₁…ₘ, the activations over all examples and all locations (§3.2).
 *
 * <p>It takes any type, strides and mask. Masked values count in no statistic, become 0 and get no gradient.
 */
final class ReferenceKernel implements BatchNormKernel {
    private final boolean[] kept;

    /** @param kept which of a channel's values take part; null for all */
    ReferenceKernel(boolean[] kept) {
        this.kept = kept;
    }

    @Override
    public Statistics forwardTraining(ChannelView src, Affine affine, ChannelView dst) {
        int channels = Math.toIntExact(src.channels());
        double[] mean = new double[channels];
        double[] variance = new double[channels];
        for (int c = 0; c < channels; c++) {
            double[] x = src.read(c, kept);
            mean[c] = mean(x);
            variance[c] = variance(x, mean[c]);
        }
        Statistics statistics = new Statistics(mean, variance);
        forwardInference(src, statistics, affine, dst);
        return statistics;
    }

    @Override
    public void forwardInference(ChannelView src, Statistics statistics, Affine affine, ChannelView dst) {
        for (int c = 0; c < src.channels(); c++) {
            double[] y = normalize(
                    src.read(c, kept), statistics.mean()[c], statistics.variance()[c], affine.eps());
            for (int i = 0; i < y.length; i++) {
                y[i] = affine.gamma()[c] * y[i] + affine.beta()[c]; // Algorithm 1, line 4
                if (affine.relu()) {
                    y[i] = Math.max(0, y[i]);
                }
            }
            dst.write(c, y, kept);
        }
    }

    @Override
    public Gradients backward(
            ChannelView src,
            ChannelView diffDst,
            Statistics statistics,
            boolean ofBatch,
            Affine affine,
            ChannelView diffSrc) {
        int channels = Math.toIntExact(src.channels());
        double[] diffGamma = new double[channels];
        double[] diffBeta = new double[channels];
        for (int c = 0; c < channels; c++) {
            double gamma = affine.gamma()[c];
            double mean = statistics.mean()[c];
            double std = Math.sqrt(statistics.variance()[c] + affine.eps());
            double[] x = src.read(c, kept);
            double[] xHat = normalize(x, mean, statistics.variance()[c], affine.eps());
            double[] dy = diffDst.read(c, kept);
            int m = x.length;

            double dVariance = 0; // ∂ℓ/∂σ² = Σ ∂ℓ/∂x̂ᵢ·(xᵢ − μ)·(−½)(σ² + ε)^(−3/2)
            double dMean = 0; // ∂ℓ/∂μ = Σ ∂ℓ/∂x̂ᵢ·(−1)/√(σ² + ε); the paper's second term, of Σ (xᵢ − μ), is 0
            for (int i = 0; i < m; i++) {
                if (affine.relu() && gamma * xHat[i] + affine.beta()[c] <= 0) {
                    dy[i] = 0;
                }
                diffGamma[c] += dy[i] * xHat[i]; // ∂ℓ/∂γ = Σ ∂ℓ/∂yᵢ·x̂ᵢ
                diffBeta[c] += dy[i]; // ∂ℓ/∂β = Σ ∂ℓ/∂yᵢ
                double dxHat = dy[i] * gamma; // ∂ℓ/∂x̂ᵢ = ∂ℓ/∂yᵢ·γ
                dVariance -= dxHat * (x[i] - mean) / (2 * std * std * std);
                dMean -= dxHat / std;
            }
            double[] dx = new double[m];
            for (int i = 0; i < m; i++) {
                dx[i] = dy[i] * gamma / std;
                if (ofBatch) { // ∂ℓ/∂xᵢ = ∂ℓ/∂x̂ᵢ/√(σ² + ε) + ∂ℓ/∂σ²·2(xᵢ − μ)/m + ∂ℓ/∂μ/m
                    dx[i] += dVariance * 2 * (x[i] - mean) / m + dMean / m;
                }
            }
            diffSrc.write(c, dx, kept);
        }
        return new Gradients(diffGamma, diffBeta);
    }

    /** Algorithm 1, line 1: μ = 1/m·Σ xᵢ. */
    private static double mean(double[] x) {
        double sum = 0;
        for (double value : x) {
            sum += value;
        }
        return sum / x.length;
    }

    /** Algorithm 1, line 2: σ² = 1/m·Σ (xᵢ − μ)², the biased variance. */
    private static double variance(double[] x, double mean) {
        double sum = 0;
        for (double value : x) {
            sum += (value - mean) * (value - mean);
        }
        return sum / x.length;
    }

    /** Algorithm 1, line 3: x̂ᵢ = (xᵢ − μ)/√(σ² + ε). */
    private static double[] normalize(double[] x, double mean, double variance, double eps) {
        double[] xHat = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            xHat[i] = (x[i] - mean) / Math.sqrt(variance + eps);
        }
        return xHat;
    }
}
