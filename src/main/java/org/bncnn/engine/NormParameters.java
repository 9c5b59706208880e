package org.bncnn.engine;

import java.util.Arrays;
import org.bncnn.engine.LinearStage.Weights;
import org.bncnn.engine.ParameterMemory.Slice;
import org.bncnn.norm.BatchNorm;
import org.bncnn.norm.Normalization;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.params.BatchNormalizationParamInitializer;

/**
 * A batch normalization and where its parameters are.
 *
 * @param norm what it is
 * @param gamma null if γ and β are locked
 * @param beta null if they are locked
 * @param mean running mean
 * @param variance running variance as it is stored
 */
record NormParameters(Normalization norm, Slice gamma, Slice beta, Slice mean, Slice variance) {
    /** {@return whether a layer is a batch normalization whose arithmetic oneDNN has} */
    static boolean canRead(org.deeplearning4j.nn.conf.layers.Layer conf) {
        if (!Normalization.is(conf)) {
            return false;
        }
        if (conf instanceof BatchNorm custom) {
            // Running statistics that can fall to less than half are corrected by the layer itself, after the update.
            boolean jumps = custom.isCumulativeAverage() || custom.getDecay() < 0.5;
            return !jumps && !custom.isRefuseNonFinite() && !custom.isChannelsLast();
        }
        return !Normalization.of(conf).locksOtherValues(); // DL4J's layer applies such γ and β only sometimes
    }

    /** {@return those of a layer whose configuration {@link #canRead can be read}} */
    static NormParameters of(Layer layer, ParameterMemory memory) throws NotCompilableException {
        Normalization norm = Normalization.of(layer.conf().getLayer());
        float eps = (float) norm.eps();
        if (!(eps >= Float.MIN_NORMAL && eps <= Float.MAX_VALUE)) {
            throw new NotCompilableException("its eps is " + norm.eps());
        }
        Slice gamma = norm.locked() ? null : memory.slice(layer, BatchNormalizationParamInitializer.GAMMA, 'c');
        Slice beta = norm.locked() ? null : memory.slice(layer, BatchNormalizationParamInitializer.BETA, 'c');
        if (beta != null && beta.address() != gamma.address() + gamma.length() * Float.BYTES) {
            throw new NotCompilableException("its β does not follow its γ in memory");
        }
        Slice mean = memory.slice(layer, BatchNormalizationParamInitializer.GLOBAL_MEAN, 'c');
        return new NormParameters(norm, gamma, beta, mean, memory.slice(layer, norm.varianceKey(), 'c'));
    }

    float eps() {
        return (float) norm.eps();
    }

    int channels() {
        return Math.toIntExact(norm.channels());
    }

    float[] gammas() {
        return norm.locked() ? filled(norm.initialGamma()) : gamma.values().read();
    }

    float[] betas() {
        return norm.locked() ? filled(norm.initialBeta()) : beta.values().read();
    }

    private float[] filled(double value) {
        float[] values = new float[channels()];
        Arrays.fill(values, (float) value);
        return values;
    }

    /** {@return the running variances; NaN instead of a negative one} */
    float[] variances() {
        float[] values = variance.values().read();
        for (int c = 0; c < values.length; c++) {
            float value = (float) norm.variance(values[c]);
            values[c] = value < 0 ? Float.NaN : value;
        }
        return values;
    }

    /**
     * Writes old − new running statistics to their gradients, as DL4J's layer does; the updater subtracts them.
     *
     * @param batchVariance biased
     * @param m number of values per channel
     */
    void moveTowards(float[] batchMean, float[] batchVariance, long m) {
        float[] means = mean.values().read();
        float[] variances = variance.values().read();
        for (int c = 0; c < means.length; c++) {
            means[c] -= (float) norm.nextMean(means[c], batchMean[c], norm.decay());
            double next = norm.nextVariance(variances[c], batchVariance[c], m, norm.decay());
            variances[c] = (float) norm.start(variances[c]) - (float) next;
        }
        mean.gradient().write(means);
        variance.gradient().write(variances);
    }

    /**
     * {@return the linear map before it with this folded in}, kept up to date by {@code assembly.prepare()}
     *
     * @param weights one row for each output channel
     * @param bias null if there is none
     * @param shape of the weights
     */
    Weights folded(Assembly assembly, Slice weights, Slice bias, long... shape) {
        Natives natives = assembly.natives();
        Tensor foldedWeights = natives.allocate(natives.plain(shape), shape);
        Tensor foldedBias = natives.allocate(natives.plain(shape[0]), shape[0]);
        assembly.prepare().add(() -> {
            float[] w = weights.values().read();
            float[] b = bias == null ? new float[(int) shape[0]] : bias.values().read();
            fold(w, b);
            foldedWeights.floats().write(w);
            foldedBias.floats().write(b);
        });
        return new Weights(foldedWeights, foldedBias);
    }

    private void fold(float[] weights, float[] bias) {
        float[] gamma = gammas();
        float[] beta = betas();
        float[] mean = mean().values().read();
        float[] variance = variances();
        int row = weights.length / bias.length;
        for (int c = 0; c < bias.length; c++) {
            float scale = (float) norm.scale(gamma[c], variance[c]);
            for (int i = c * row; i < (c + 1) * row; i++) {
                weights[i] *= scale;
            }
            bias[c] = scale * (bias[c] - mean[c]) + beta[c];
        }
    }
}
