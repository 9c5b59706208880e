package org.bncnn.norm;

import static org.deeplearning4j.nn.params.BatchNormalizationParamInitializer.BETA;
import static org.deeplearning4j.nn.params.BatchNormalizationParamInitializer.GAMMA;

import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.deeplearning4j.exception.DL4JInvalidConfigException;
import org.deeplearning4j.nn.api.ParamInitializer;
import org.deeplearning4j.nn.api.layers.LayerConstraint;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.LayerValidation;
import org.deeplearning4j.nn.conf.memory.LayerMemoryReport;
import org.deeplearning4j.nn.conf.memory.MemoryReport;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.NoOp;
import org.nd4j.linalg.learning.regularization.Regularization;

/**
 * Batch normalization as Ioffe &amp; Szegedy (2015) define it, a layer for any network or graph of DL4J.
 *
 * <p>With the m values xᵢ of a channel in a mini-batch, over examples and positions, training computes (Algorithm 1)
 *
 * <pre>
 *   μ = 1/m·Σ xᵢ,   σ² = 1/m·Σ (xᵢ − μ)²,   x̂ᵢ = (xᵢ − μ)/√(σ² + eps),   yᵢ = γ·x̂ᵢ + β
 * </pre>
 *
 * <p>Each step then moves the running statistics, the variance towards the unbiased one (Algorithm 2, line 10):
 *
 * <pre>
 *   running mean ← decay·running mean + (1 − decay)·μ
 *   running variance ← decay·running variance + (1 − decay)·σ²·m/(m − 1)
 * </pre>
 *
 * <p>{@code decay} multiplies the old value; PyTorch's momentum is 1 − decay. Inference uses the running statistics
 * instead of μ and σ² (Algorithm 2, line 11). This is what {@code torch.nn.BatchNorm1d}, {@code 2d} and {@code 3d}
 * compute; DL4J's built-in {@link BatchNormalization} averages the biased variance.
 *
 * <p>Inputs, float or double: {@code [N, C]}, {@code [N, C, T]}, {@code [N, C, H, W]}, {@code [N, C, D, H, W]}, or with
 * channels last where the network's input type says so. A mask on {@code [N, C, T]} takes masked steps out of the
 * statistics and sets them to 0. Parameters are γ, β, running mean and running variance, C values each, in that order,
 * as in the built-in layer. {@link BatchNormConversion} converts one layer to the other. Any other rank or number of
 * channels, and in training a channel of fewer than two values, is a {@code DL4JInvalidInputException}.
 *
 * <p>Training in float is exact to 3·10⁻⁶ of the largest output or gradient, for means of up to 10⁶ standard
 * deviations. At inference the running mean is itself rounded to float, by up to 6·10⁻⁸ of its size.
 *
 * @serial exclude
 */
public final class BatchNorm extends FeedForwardLayer {
    private static final long serialVersionUID = 1L;

    /** The share of the old running statistic that a step keeps, as in DL4J; PyTorch's momentum is 1 − 0.9 = 0.1. */
    public static final double DEFAULT_DECAY = 0.9;

    /** Added to the variance, as in DL4J and PyTorch. */
    public static final double DEFAULT_EPS = 1e-5;

    // JSON has these under the names of their getters.
    private double decay = DEFAULT_DECAY;
    private double eps = DEFAULT_EPS;
    private boolean cumulativeAverage;
    private double gamma = 1;
    private double beta;
    private boolean lockGammaBeta;
    private boolean useLogStd;
    private boolean regularizeGammaBeta;
    private boolean refuseNonFinite;
    private boolean channelsLast;

    /** For deserialization; use {@link Builder}. */
    public BatchNorm() {
        this(new Builder());
    }

    private BatchNorm(Builder builder) {
        super(builder);
        builder.settings.accept(this);
        initializeConstraints(builder); // on all parameters
        List<LayerConstraint> all = constraints == null ? List.of() : constraints;
        List<LayerConstraint> own = Stream.of(all, builder.gammaConstraints, builder.betaConstraints)
                .flatMap(List::stream)
                .toList();
        setConstraints(own.isEmpty() ? null : own);
    }

    /** {@return share of the old running statistics that a step keeps} */
    public double getDecay() {
        return decay;
    }

    /** {@return ε, added to the variance} */
    public double getEps() {
        return eps;
    }

    /** {@return whether the running statistics are the plain average over all batches} */
    public boolean isCumulativeAverage() {
        return cumulativeAverage;
    }

    /** {@return initial γ of all channels; if it is locked, γ} */
    public double getGamma() {
        return gamma;
    }

    /** {@return initial β of all channels; if it is locked, β} */
    public double getBeta() {
        return beta;
    }

    /** {@return whether γ and β keep their initial values and are not parameters} */
    public boolean isLockGammaBeta() {
        return lockGammaBeta;
    }

    /** {@return whether the running variance σ² is stored as log₁₀ σ} */
    public boolean isUseLogStd() {
        return useLogStd;
    }

    /** {@return whether regularization applies to γ and β} */
    public boolean isRegularizeGammaBeta() {
        return regularizeGammaBeta;
    }

    /** {@return whether the layer refuses NaN and infinite input} */
    public boolean isRefuseNonFinite() {
        return refuseNonFinite;
    }

    /** {@return whether channels are the last axis} */
    public boolean isChannelsLast() {
        return channelsLast;
    }

    /** {@return the names of the parameters that are learned} */
    List<String> trainableKeys() {
        return lockGammaBeta ? List.of() : List.of(GAMMA, BETA);
    }

    /** {@inheritDoc} Output has as many channels as input, so that transfer learning may set either number. */
    @Override
    public void setNIn(long channels) {
        super.setNIn(channels);
        super.setNOut(channels);
    }

    /** {@inheritDoc} Input has as many channels as output. */
    @Override
    public void setNOut(long channels) {
        setNIn(channels);
    }

    /** {@inheritDoc} Those on all parameters do not apply to the running statistics, which are not learned. */
    @Override
    public void setConstraints(List<LayerConstraint> constraints) {
        for (LayerConstraint constraint : constraints == null ? List.<LayerConstraint>of() : constraints) {
            Set<String> constrained = new HashSet<>(constraint.getParams());
            constrained.retainAll(trainableKeys());
            constraint.setParams(constrained);
        }
        super.setConstraints(constraints);
    }

    @Override
    public org.deeplearning4j.nn.api.Layer instantiate(
            NeuralNetConfiguration conf,
            Collection<TrainingListener> listeners,
            int layerIndex,
            INDArray layerParamsView,
            boolean initializeParams,
            DataType networkDataType) {
        validate();
        LayerValidation.assertNInNOutSet("BatchNorm", getLayerName(), layerIndex, getNIn(), getNOut());
        BatchNormLayer layer = new BatchNormLayer(conf, networkDataType);
        layer.setListeners(listeners);
        layer.setIndex(layerIndex);
        layer.setParamsViewArray(layerParamsView);
        layer.setParamTable(initializer().init(conf, layerParamsView, initializeParams));
        return layer;
    }

    @Override
    public ParamInitializer initializer() {
        return BatchNormParamInitializer.INSTANCE;
    }

    @Override
    public InputType getOutputType(int layerIndex, InputType inputType) {
        return inputType;
    }

    @Override
    public void setNIn(InputType inputType, boolean override) {
        BatchNormalization builtin = new BatchNormalization(); // knows how many channels each type of input has
        builtin.setNIn(inputType, true);
        require(
                override || getNIn() <= 0 || getNIn() == builtin.getNIn(),
                "nIn is " + getNIn() + ", but its input, " + inputType + ", has " + builtin.getNIn() + " channels");
        setNIn(builtin.getNIn());
        if (inputType instanceof InputType.InputTypeRecurrent series) {
            channelsLast = series.getFormat() == RNNFormat.NWC;
        } else if (inputType instanceof InputType.InputTypeConvolutional images) {
            channelsLast = images.getFormat() == CNN2DFormat.NHWC;
        }
    }

    /** {@inheritDoc} Only for flattened images, which become images again. */
    @Override
    public InputPreProcessor getPreProcessorForInputType(InputType inputType) {
        return new BatchNormalization().getPreProcessorForInputType(inputType);
    }

    /** {@inheritDoc} γ and β are regularized only on request, the running statistics never. */
    @Override
    public List<Regularization> getRegularizationByParam(String paramName) {
        return regularizeGammaBeta && trainableKeys().contains(paramName) ? getRegularization() : null;
    }

    /** {@inheritDoc} The running statistics move by what {@link BatchNormLayer} reports as their gradients. */
    @Override
    public IUpdater getUpdaterByParam(String paramName) {
        return trainableKeys().contains(paramName) ? getIUpdater() : new NoOp();
    }

    /** {@inheritDoc} Besides output and gradient it needs only a few values per channel. */
    @Override
    public LayerMemoryReport getMemoryReport(InputType inputType) {
        return new LayerMemoryReport.Builder(getLayerName(), BatchNorm.class, inputType, inputType)
                .standardMemory(
                        initializer().numParams(this),
                        lockGammaBeta ? 0 : getIUpdater().stateSize(2 * getNOut()))
                .workingMemory(0, 0, 0, inputType.arrayElementsPerExample())
                .cacheMemory(MemoryReport.CACHE_MODE_ALL_ZEROS, MemoryReport.CACHE_MODE_ALL_ZEROS)
                .build();
    }

    /** Files can hold anything, so this runs both when a configuration is built and when a layer is made from one. */
    private void validate() {
        require(decay >= 0 && decay <= 1, "decay must be from 0 to 1, not " + decay);
        require(eps > 0 && Double.isFinite(eps), "eps must be positive and finite, not " + eps);
        require(Double.isFinite(gamma), "gamma must be finite, not " + gamma);
        require(Double.isFinite(beta), "beta must be finite, not " + beta);
    }

    private void require(boolean holds, String message) {
        if (!holds) {
            String name = getLayerName() == null ? "" : " \"" + getLayerName() + "\"";
            throw new DL4JInvalidConfigException("BatchNorm" + name + ": " + message);
        }
    }

    @Override
    public BatchNorm clone() {
        return (BatchNorm) super.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof BatchNorm that
                && super.equals(that)
                && toString().equals(that.toString());
    }

    @Override
    public int hashCode() {
        return toString().hashCode();
    }

    /** {@return all settings}, by which two layers are compared too */
    @Override
    public String toString() {
        return "BatchNorm{nOut=" + getNOut() + ", decay=" + decay + ", eps=" + eps + ", cumulativeAverage="
                + cumulativeAverage + ", gamma=" + gamma + ", beta=" + beta + ", lockGammaBeta=" + lockGammaBeta
                + ", useLogStd=" + useLogStd + ", regularizeGammaBeta=" + regularizeGammaBeta + ", refuseNonFinite="
                + refuseNonFinite + ", channelsLast=" + channelsLast + ", activation=" + getActivationFn() + "}";
    }

    /** Builds a {@link BatchNorm}. The defaults are those of DL4J's built-in layer, except for {@link #useLogStd}. */
    @SuppressWarnings("unchecked") // build() is declared to return whatever the caller likes
    public static final class Builder extends FeedForwardLayer.Builder<Builder> {
        private Consumer<BatchNorm> settings = layer -> {};
        private List<LayerConstraint> gammaConstraints = List.of();
        private List<LayerConstraint> betaConstraints = List.of();

        /** Sets the identity as activation, lest the layer take on the network's default, which other layers want. */
        public Builder() {
            setActivationFn(new ActivationIdentity());
        }

        private Builder set(Consumer<BatchNorm> setting) {
            settings = settings.andThen(setting);
            return this;
        }

        /**
         * {@return this builder}
         *
         * @param value share of the old running statistics that a step keeps, 0 to 1; PyTorch's momentum is 1 − decay
         */
        public Builder decay(double value) {
            return set(layer -> layer.decay = value);
        }

        /**
         * {@return this builder}
         *
         * @param value positive ε, added to the variance before its root is taken
         */
        public Builder eps(double value) {
            return set(layer -> layer.eps = value);
        }

        /**
         * {@return this builder}
         *
         * @param value whether the running statistics are the plain average over all batches so far, PyTorch's
         *     {@code momentum=None}; {@code decay} then has no effect. The network's iteration count counts the
         *     batches; a {@code ComputationGraph} loses it when it is cloned
         */
        public Builder cumulativeAverage(boolean value) {
            return set(layer -> layer.cumulativeAverage = value);
        }

        /**
         * {@return this builder}
         *
         * @param value initial γ of all channels, which stays if it is locked
         */
        public Builder gamma(double value) {
            return set(layer -> layer.gamma = value);
        }

        /**
         * {@return this builder}
         *
         * @param value initial β of all channels, which stays if it is locked
         */
        public Builder beta(double value) {
            return set(layer -> layer.beta = value);
        }

        /**
         * {@return this builder}
         *
         * @param value whether γ and β stay as they are initialized and are no parameters, PyTorch's
         *     {@code affine=False}
         */
        public Builder lockGammaBeta(boolean value) {
            return set(layer -> layer.lockGammaBeta = value);
        }

        /**
         * {@return this builder}
         *
         * @param value whether log₁₀ σ is stored instead of the running variance σ², as in the built-in layer by
         *     default
         */
        public Builder useLogStd(boolean value) {
            return set(layer -> layer.useLogStd = value);
        }

        /**
         * {@return this builder}
         *
         * @param value whether the regularization of weights, the layer's or the network's, applies to γ and β too, as
         *     in PyTorch
         */
        public Builder regularizeGammaBeta(boolean value) {
            return set(layer -> layer.regularizeGammaBeta = value);
        }

        /**
         * {@return this builder}
         *
         * @param value whether NaN and infinite input is an error that names the layer; costs a pass over the input
         */
        public Builder refuseNonFinite(boolean value) {
            return set(layer -> layer.refuseNonFinite = value);
        }

        /**
         * {@return this builder}
         *
         * @param value whether channels are the last axis. The network's input type overrides this for images and
         *     series, but not for volumes, because DL4J's convolutions always declare NDHWC as their output type
         */
        public Builder channelsLast(boolean value) {
            return set(layer -> layer.channelsLast = value);
        }

        /**
         * {@return this builder}
         *
         * @param constraints on γ, applied after each step
         */
        public Builder constrainGamma(LayerConstraint... constraints) {
            gammaConstraints = on(GAMMA, constraints);
            return this;
        }

        /**
         * {@return this builder}
         *
         * @param constraints on β, applied after each step
         */
        public Builder constrainBeta(LayerConstraint... constraints) {
            betaConstraints = on(BETA, constraints);
            return this;
        }

        private static List<LayerConstraint> on(String key, LayerConstraint... constraints) {
            List<LayerConstraint> own =
                    Stream.of(constraints).map(LayerConstraint::clone).toList();
            own.forEach(constraint -> constraint.setParams(new HashSet<>(Set.of(key))));
            return own;
        }

        /**
         * @throws DL4JInvalidConfigException if a setting is out of range, nIn is not nOut, or there is weight noise
         */
        @Override
        public BatchNorm build() {
            BatchNorm layer = new BatchNorm(this);
            layer.require(weightNoise == null, "there are no weights that weight noise could be added to");
            layer.require(
                    nIn == nOut || nIn == 0 || nOut == 0,
                    "nIn is " + nIn + " and nOut " + nOut + "; they must be equal");
            layer.setNIn(Math.max(nIn, nOut));
            layer.validate();
            return layer;
        }
    }
}
