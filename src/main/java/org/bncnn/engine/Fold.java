package org.bncnn.engine;

import org.bncnn.engine.ParameterMemory.Slice;

/**
 * Batch normalization at inference as part of the linear map before it: with s = γ/√(σ² + ε), its weights become s·W and its bias
 * s·(b − μ) + β (Ioffe &amp; Szegedy 2015, Algorithm 2, line 11, put into the map).
 *
 * @param norm what is folded
 */
record Fold(NormParameters norm) {
    /**
     * Scales weights and bias in place.
     *
     * @param weights one row for each output channel
     * @param bias one for each output channel
     */
    void apply(float[] weights, float[] bias) {
        float[] gamma = norm.gammas();
        float[] beta = norm.betas();
        float[] mean = norm.mean().values().read();
        float[] variance = norm.variances();
        int row = weights.length / bias.length;
        for (int channel = 0; channel < bias.length; channel++) {
            float scale = (float) (gamma[channel] / Math.sqrt(variance[channel] + norm.eps()));
            for (int i = channel * row; i < (channel + 1) * row; i++) {
                weights[i] *= scale;
            }
            bias[channel] = scale * (bias[channel] - mean[channel]) + beta[channel];
        }
    }

    /**
     * {@return folded weights and bias}, kept up to date by {@code assembly.prepare()}
     *
     * @param weights one row for each output channel
     * @param bias null if there is none
     * @param shape of the weights
     */
    Weights weights(Assembly assembly, Slice weights, Slice bias, long... shape) {
        Natives natives = assembly.natives();
        Tensor foldedWeights = natives.allocate(natives.plain(shape), shape);
        Tensor foldedBias = natives.allocate(natives.plain(shape[0]), shape[0]);
        assembly.prepare().add(() -> {
            float[] w = weights.values().read();
            float[] b = bias == null ? new float[(int) shape[0]] : bias.values().read();
            apply(w, b);
            foldedWeights.floats().write(w);
            foldedBias.floats().write(b);
        });
        return new Weights(foldedWeights, foldedBias);
    }

    /** Weights and bias of a linear map; the bias may be null. */
    record Weights(Tensor weights, Tensor bias) {
        static Weights unfolded(Natives natives, Slice weights, Slice bias, long... shape) {
            return new Weights(
                    natives.at(weights.address(), natives.plain(shape), shape),
                    bias == null ? null : natives.at(bias.address(), natives.plain(shape[0]), shape[0]));
        }
    }
}
