package org.bncnn.engine;

import java.util.Arrays;
import org.bncnn.engine.ParameterMemory.Slice;
import org.bncnn.norm.BatchNorm;
import org.bncnn.norm.Log10Std;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.params.BatchNormalizationParamInitializer;

/**
 * The parameters of a batch normalization, DL4J's or ours, and the rule by which its running statistics move.
 *
 * @param channels how many
 * @param gamma null if γ and β are locked
 * @param beta null if they are locked
 * @param mean running mean
 * @param variance running variance, or log₁₀ of its root
 * @param logStd whether it is the second
 * @param eps added to the variance
 * @param lockedGamma γ where it is locked
 * @param lockedBeta β where it is locked
 * @param decay share of the old running statistics that a step keeps
 * @param paperExact whether it is our layer: the running variance is unbiased, and does not fade away below the smallest normal number
 */
record NormParameters(
        int channels,
        Slice gamma,
        Slice beta,
        Slice mean,
        Slice variance,
        boolean logStd,
        double eps,
        double lockedGamma,
        double lockedBeta,
        double decay,
        boolean paperExact) {
    /**
     * {@return whether a batch normalization's arithmetic is one that oneDNN has}
     *
     * @param conf DL4J's layer or ours
     */
    static boolean canRead(org.deeplearning4j.nn.conf.layers.Layer conf) {
        if (conf instanceof BatchNorm custom) {
            // Running statistics that can fall to less than half are corrected by the layer itself, after the update.
            boolean jumps = custom.isCumulativeAverage() || custom.getDecay() < 0.5;
            return !jumps && !custom.isRefuseNonFinite() && !custom.isChannelsLast();
        }
        // DL4J's layer honours locked γ and β only some of the time.
        return conf instanceof BatchNormalization builtin
                && (!builtin.isLockGammaBeta() || builtin.getGamma() == 1 && builtin.getBeta() == 0);
    }

    /** {@return those of a layer whose configuration {@link #canRead can be read}} */
    static NormParameters of(Layer layer, ParameterMemory memory) throws NotCompilableException {
        if (layer.conf().getLayer() instanceof BatchNorm conf) {
            return read(
                    layer,
                    memory,
                    conf.isLockGammaBeta(),
                    conf.isUseLogStd(),
                    conf.getEps(),
                    conf.getGamma(),
                    conf.getBeta(),
                    conf.getDecay(),
                    true);
        }
        BatchNormalization conf = (BatchNormalization) layer.conf().getLayer();
        return read(
                layer,
                memory,
                conf.isLockGammaBeta(),
                conf.isUseLogStd(),
                conf.getEps(),
                conf.getGamma(),
                conf.getBeta(),
                conf.getDecay(),
                false);
    }

    private static NormParameters read(
            Layer layer,
            ParameterMemory memory,
            boolean locked,
            boolean logStd,
            double eps,
            double lockedGamma,
            double lockedBeta,
            double decay,
            boolean paperExact)
            throws NotCompilableException {
        if (!((float) eps >= Float.MIN_NORMAL && (float) eps <= Float.MAX_VALUE)) {
            throw new NotCompilableException("its eps is " + eps);
        }
        Slice mean = memory.slice(layer, BatchNormalizationParamInitializer.GLOBAL_MEAN, 'c');
        Slice gamma = locked ? null : memory.slice(layer, BatchNormalizationParamInitializer.GAMMA, 'c');
        Slice beta = locked ? null : memory.slice(layer, BatchNormalizationParamInitializer.BETA, 'c');
        if (!locked && beta.address() != gamma.address() + gamma.length() * Float.BYTES) {
            throw new NotCompilableException("its β does not follow its γ in memory");
        }
        String variance = logStd
                ? BatchNormalizationParamInitializer.GLOBAL_LOG_STD
                : BatchNormalizationParamInitializer.GLOBAL_VAR;
        return new NormParameters(
                Math.toIntExact(mean.length()),
                gamma,
                beta,
                mean,
                memory.slice(layer, variance, 'c'),
                logStd,
                eps,
                lockedGamma,
                lockedBeta,
                decay,
                paperExact);
    }

    boolean isLocked() {
        return gamma == null;
    }

    float[] gammas() {
        return isLocked() ? filled(lockedGamma) : gamma.values().read();
    }

    float[] betas() {
        return isLocked() ? filled(lockedBeta) : beta.values().read();
    }

    /** {@return the running variances, whichever way they are kept; NaN for one that is negative, which is no variance} */
    float[] variances() {
        float[] values = variance.values().read();
        for (int c = 0; c < channels; c++) {
            if (logStd) {
                values[c] = (float) Log10Std.variance(values[c]);
            } else if (values[c] < 0) {
                values[c] = Float.NaN;
            }
        }
        return values;
    }

    /**
     * Leaves old − new running statistics where their gradients are, as DL4J's layer does; the updater subtracts them.
     *
     * @param batchMean of each channel
     * @param batchVariance of each channel, biased
     * @param m values per channel
     */
    void moveTowards(float[] batchMean, float[] batchVariance, long m) {
        float[] means = mean.values().read();
        float[] variances = variance.values().read();
        double correction = paperExact ? (double) m / (m - 1) : 1; // Algorithm 2, line 10
        for (int c = 0; c < channels; c++) {
            means[c] -= (float) (decay * means[c] + (1 - decay) * batchMean[c]);
            double old = logStd ? Log10Std.variance(variances[c]) : variances[c];
            variances[c] = step(variances[c], decay * old + (1 - decay) * correction * batchVariance[c]);
        }
        mean.gradient().write(means);
        variance.gradient().write(variances);
    }

    /** Subtracts what is to be kept, so that subtracting the result gives just that. */
    private float step(float kept, double next) {
        double floor = paperExact ? Float.MIN_NORMAL : 0;
        if (logStd) {
            return (float) Math.max(kept, Log10Std.of(floor)) - (float) Log10Std.of(Math.max(next, floor));
        }
        return kept - (float) (next < floor ? 0 : next);
    }

    private float[] filled(double value) {
        float[] values = new float[channels];
        Arrays.fill(values, (float) value);
        return values;
    }
}
