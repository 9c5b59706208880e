package org.bncnn.norm;

import static org.deeplearning4j.nn.params.BatchNormalizationParamInitializer.BETA;
import static org.deeplearning4j.nn.params.BatchNormalizationParamInitializer.GAMMA;
import static org.deeplearning4j.nn.params.BatchNormalizationParamInitializer.GLOBAL_LOG_STD;
import static org.deeplearning4j.nn.params.BatchNormalizationParamInitializer.GLOBAL_MEAN;
import static org.deeplearning4j.nn.params.BatchNormalizationParamInitializer.GLOBAL_VAR;

import java.util.Arrays;
import java.util.Map;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.params.BatchNormalizationParamInitializer;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.api.buffer.DataBuffer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What a batch normalization layer is, DL4J's {@link BatchNormalization} or our {@link BatchNorm}.
 *
 * <p>The parameters have C values each, under the names of {@link BatchNormalizationParamInitializer}: γ and β unless
 * they are locked, the running mean μ, and the running variance, stored as σ² or as log₁₀ σ.
 *
 * <p>At inference (Ioffe &amp; Szegedy 2015, Algorithm 2, line 11) a channel becomes s·(x − μ) + β, where s is its
 * {@link #scale}. After a linear map W·u + b, the two are one linear map, with weights s·W and bias s·(b − μ) + β.
 *
 * <p>Locked γ and β are constants and not parameters. Our layer always applies them. DL4J's layer applies γ in the
 * backward pass; in the forward pass it applies both if oneDNN computes it, and otherwise only if γ ≠ 1 and β ≠ 0.
 *
 * @param builtin whether it is DL4J's layer
 * @param channels C
 * @param eps ε, added to the variance
 * @param decay share of the old running statistics that a step keeps
 * @param locked whether γ and β are locked
 * @param initialGamma initial γ of all channels; if it is locked, γ
 * @param initialBeta initial β of all channels; if it is locked, β
 * @param logStd whether the running variance is stored as log₁₀ σ
 * @param channelsLast whether channels are the last axis of images
 * @param activation applied to the normalized values; none in DL4J's layer, which ignores its own
 */
public record Normalization(
        boolean builtin,
        long channels,
        double eps,
        double decay,
        boolean locked,
        double initialGamma,
        double initialBeta,
        boolean logStd,
        boolean channelsLast,
        IActivation activation) {

    /**
     * {@return whether a layer is one of the two; a sub-class is not, because it may compute anything}
     *
     * @param layer configuration of a layer
     */
    public static boolean is(Layer layer) {
        return layer.getClass() == BatchNorm.class || layer.getClass() == BatchNormalization.class;
    }

    /**
     * {@return the description of a layer}
     *
     * @param layer one of the two, as {@link #is} says
     */
    public static Normalization of(Layer layer) {
        if (layer instanceof BatchNorm custom) {
            return new Normalization(
                    false,
                    custom.getNOut(),
                    custom.getEps(),
                    custom.getDecay(),
                    custom.isLockGammaBeta(),
                    custom.getGamma(),
                    custom.getBeta(),
                    custom.isUseLogStd(),
                    custom.isChannelsLast(),
                    custom.getActivationFn());
        }
        BatchNormalization builtin = (BatchNormalization) layer;
        return new Normalization(
                true,
                builtin.getNOut(),
                builtin.getEps(),
                builtin.getDecay(),
                builtin.isLockGammaBeta(),
                builtin.getGamma(),
                builtin.getBeta(),
                builtin.isUseLogStd(),
                builtin.getCnn2DFormat() == CNN2DFormat.NHWC,
                new ActivationIdentity());
    }

    /** {@return whether γ and β are locked to anything but 1 and 0} */
    public boolean locksOtherValues() {
        return locked && (initialGamma != 1 || initialBeta != 0);
    }

    /** {@return whether γ and β are locked to values that DL4J's layer ignores in the forward pass without oneDNN} */
    public boolean locksIgnoredValues() {
        return locked && (initialGamma == 1) != (initialBeta == 0);
    }

    /**
     * The values of a layer's channels.
     *
     * @param gamma γ {@code [C]}
     * @param beta β {@code [C]}
     * @param mean running mean {@code [C]}
     * @param variance running variance σ² {@code [C]}
     */
    public record Values(double[] gamma, double[] beta, double[] mean, double[] variance) {}

    /**
     * {@return copies of a layer's values}
     *
     * @param params parameters by name, as {@code Layer.paramTable()} returns them
     */
    public Values values(Map<String, INDArray> params) {
        double[] variance = read(params.get(varianceKey()));
        for (int c = 0; c < variance.length; c++) {
            variance[c] = variance(variance[c]);
        }
        return new Values(gamma(params), beta(params), read(params.get(GLOBAL_MEAN)), variance);
    }

    double[] gamma(Map<String, INDArray> params) {
        return locked ? constant(initialGamma) : read(params.get(GAMMA));
    }

    double[] beta(Map<String, INDArray> params) {
        return locked ? constant(initialBeta) : read(params.get(BETA));
    }

    private double[] constant(double value) {
        double[] values = new double[Math.toIntExact(channels)];
        Arrays.fill(values, value);
        return values;
    }

    /** {@return the values of a parameter}, which lie side by side */
    static double[] read(INDArray parameter) {
        double[] values = new double[Math.toIntExact(parameter.length())];
        DataBuffer data = parameter.data();
        for (int c = 0; c < values.length; c++) {
            values[c] = data.getDouble(c);
        }
        return values;
    }

    /** {@return the name of the parameter that stores the running variance} */
    public String varianceKey() {
        return logStd ? GLOBAL_LOG_STD : GLOBAL_VAR;
    }

    /**
     * {@return σ²}
     *
     * @param stored value of the parameter {@link #varianceKey}
     */
    public double variance(double stored) {
        return logStd ? Math.pow(10, 2 * stored) : stored;
    }

    /**
     * {@return the value of the parameter {@link #varianceKey}} It is not finite for a σ² of 0 stored as log₁₀ σ.
     *
     * @param variance σ²
     */
    public double stored(double variance) {
        return logStd ? 0.5 * Math.log10(variance) : variance;
    }

    /**
     * {@return s = γ/√(σ² + ε)}
     *
     * @param gamma γ
     * @param variance σ²
     */
    public double scale(double gamma, double variance) {
        return gamma * (1 / Math.sqrt(variance + eps));
    }

    /**
     * {@return the running mean after a step}
     *
     * @param running mean before it
     * @param batch mean of the batch
     * @param keep share of the old running statistics that it keeps
     */
    public double nextMean(double running, double batch, double keep) {
        return keep * running + (1 - keep) * batch;
    }

    /**
     * {@return the value that is stored for the running variance after a step} Our layer averages the unbiased variance
     * (Algorithm 2, line 10), DL4J's the biased one. The variance of a channel that stays constant fades away: ours
     * becomes 0, or its logarithm stops, before it is too small for a normal float.
     *
     * @param stored value before the step
     * @param batch biased variance of the batch
     * @param m number of values per channel
     * @param keep share of the old running statistics that the step keeps
     */
    public double nextVariance(double stored, double batch, long m, double keep) {
        double average = builtin ? batch : batch * m / (m - 1);
        double next = keep * variance(stored) + (1 - keep) * average;
        return stored(logStd ? Math.max(next, least()) : next < least() ? 0 : next);
    }

    /**
     * {@return the stored running variance from which a step starts} In our layer it is no lower than it can end.
     *
     * @param stored value before the step
     */
    public double start(double stored) {
        return logStd ? Math.max(stored, stored(least())) : stored;
    }

    /** {@return the least running variance other than 0} */
    private double least() {
        return builtin ? 0 : Float.MIN_NORMAL;
    }
}
