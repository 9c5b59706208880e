package org.bncnn.norm;

import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.deeplearning4j.exception.DL4JInvalidConfigException;
import org.deeplearning4j.nn.api.ParamInitializer;
import org.deeplearning4j.nn.api.layers.LayerConstraint;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.LayerValidation;
import org.deeplearning4j.nn.conf.memory.LayerMemoryReport;
import org.deeplearning4j.nn.conf.memory.MemoryReport;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;
import org.deeplearning4j.nn.conf.weightnoise.IWeightNoise;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.NoOp;
import org.nd4j.linalg.learning.regularization.Regularization;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Batch normalization as Ioffe &amp; Szegedy (2015) define it, a DL4J layer for any {@code MultiLayerNetwork} or
 * {@code ComputationGraph}.
 *
 * <p>With the m values xᵢ that a channel has in a mini-batch, over all examples and all positions, training computes (Algorithm 1)
 *
 * <pre>
 *   μ = 1/m·Σ xᵢ,   σ² = 1/m·Σ (xᵢ − μ)²,   x̂ᵢ = (xᵢ − μ)/√(σ² + eps),   yᵢ = γ·x̂ᵢ + β
 * </pre>
 *
 * <p>and after each step moves the running statistics towards the batch's, the variance being the unbiased one (Algorithm 2, line 10):
 *
 * <pre>
 *   running mean ← decay·running mean + (1 − decay)·μ,   running variance ← decay·running variance + (1 − decay)·σ²·m/(m − 1)
 * </pre>
 *
 * <p>{@code decay} multiplies the old value; PyTorch's momentum is 1 − decay. Inference takes the running statistics in the place of μ and
 * σ² (Algorithm 2, line 11). This is what {@code torch.nn.BatchNorm1d}, {@code 2d} and {@code 3d} compute; DL4J's built-in
 * {@link org.deeplearning4j.nn.conf.layers.BatchNormalization} averages the biased variance.
 *
 * <p>Inputs, float or double: {@code [N, C]}, {@code [N, C, T]}, {@code [N, C, H, W]}, {@code [N, C, D, H, W]}, or with channels last where
 * the network's input type says so. A mask on {@code [N, C, T]} takes masked steps out of the statistics and sets them to 0. Parameters
 * are γ, β, running mean and running variance, C values each, in that order, as in the built-in layer; {@link BatchNormConversion} makes
 * either layer from the other.
 *
 * <p>Training in float is as exact for channels far from 0 as for others: with a mean of up to 10⁶ standard deviations, outputs and
 * gradients are within 3·10⁻⁶ of the largest. At inference the running mean is a float itself, which is off by up to 6·10⁻⁸ of its size;
 * with a mean of 10⁴ standard deviations that is 6·10⁻⁴ of one.
 *
 * <p>In training a channel must have at least two values; {@code org.deeplearning4j.exception.DL4JInvalidInputException} otherwise, as
 * well as for any other rank or number of channels.
 */
public final class BatchNorm extends FeedForwardLayer {
    private static final long serialVersionUID = 1L;

    /** The share of the old running statistic that a step keeps, as in DL4J; PyTorch's momentum is 1 − 0.9 = 0.1. */
    public static final double DEFAULT_DECAY = 0.9;

    /** Added to the variance, as in DL4J and PyTorch. */
    public static final double DEFAULT_EPS = 1e-5;

    @JsonProperty
    private double decay;

    @JsonProperty
    private double eps;

    @JsonProperty
    private boolean cumulativeAverage;

    @JsonProperty
    private double gamma;

    @JsonProperty
    private double beta;

    @JsonProperty
    private boolean lockGammaBeta;

    @JsonProperty
    private boolean useLogStd;

    @JsonProperty
    private boolean regularizeGammaBeta;

    @JsonProperty
    private boolean refuseNonFinite;

    @JsonProperty
    private boolean channelsLast;

    /** For deserialization; use {@link Builder}. */
    public BatchNorm() {
        this(new Builder());
    }

    private BatchNorm(Builder builder) {
        super(builder);
        decay = builder.decay;
        eps = builder.eps;
        cumulativeAverage = builder.cumulativeAverage;
        gamma = builder.gamma;
        beta = builder.beta;
        lockGammaBeta = builder.lockGammaBeta;
        useLogStd = builder.useLogStd;
        regularizeGammaBeta = builder.regularizeGammaBeta;
        refuseNonFinite = builder.refuseNonFinite;
        channelsLast = builder.channelsLast;
        setConstraints(builder.constraints());
    }

    public double getDecay() {
        return decay;
    }

    public double getEps() {
        return eps;
    }

    public boolean isCumulativeAverage() {
        return cumulativeAverage;
    }

    /** {@return what γ is initialised to, and stays at if it is locked} */
    public double getGamma() {
        return gamma;
    }

    /** {@return what β is initialised to, and stays at if it is locked} */
    public double getBeta() {
        return beta;
    }

    public boolean isLockGammaBeta() {
        return lockGammaBeta;
    }

    public boolean isUseLogStd() {
        return useLogStd;
    }

    public boolean isRegularizeGammaBeta() {
        return regularizeGammaBeta;
    }

    public boolean isRefuseNonFinite() {
        return refuseNonFinite;
    }

    public boolean isChannelsLast() {
        return channelsLast;
    }

    /** {@return the names of the parameters that are learned} */
    List<String> trainableKeys() {
        return lockGammaBeta ? List.of() : List.of(BatchNormParamInitializer.GAMMA, BatchNormParamInitializer.BETA);
    }

    /** {@return the name of the parameter that holds the running variance} */
    String varianceKey() {
        return useLogStd ? BatchNormParamInitializer.LOG10_STD : BatchNormParamInitializer.VARIANCE;
    }

    /** {@inheritDoc} As many channels go out as come in, so that transfer learning may set either. */
    @Override
    public void setNIn(long channels) {
        super.setNIn(channels);
        super.setNOut(channels);
    }

    /** {@inheritDoc} As many channels come in as go out. */
    @Override
    public void setNOut(long channels) {
        setNIn(channels);
    }

    /** {@inheritDoc} The running statistics are not learned, so what is meant for all parameters does not reach them. */
    @Override
    public void setConstraints(List<LayerConstraint> constraints) {
        if (constraints != null) {
            for (LayerConstraint constraint : constraints) {
                Set<String> constrained = new HashSet<>(constraint.getParams());
                constrained.retainAll(trainableKeys());
                constraint.setParams(constrained);
            }
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
        channels(inputType);
        return inputType;
    }

    @Override
    public void setNIn(InputType inputType, boolean override) {
        long channels = channels(inputType);
        if (getNIn() > 0 && !override && getNIn() != channels) {
            throw new DL4JInvalidConfigException(name() + ": nIn is " + getNIn() + ", but its input, " + inputType
                    + ", has " + channels + " channels");
        }
        setNIn(channels);
        if (inputType instanceof InputType.InputTypeRecurrent series) {
            channelsLast = series.getFormat() == RNNFormat.NWC;
        } else if (inputType instanceof InputType.InputTypeConvolutional images) {
            channelsLast = images.getFormat() == CNN2DFormat.NHWC;
        }
    }

    private long channels(InputType inputType) {
        if (inputType instanceof InputType.InputTypeFeedForward flat) {
            return flat.getSize();
        } else if (inputType instanceof InputType.InputTypeRecurrent series) {
            return series.getSize();
        } else if (inputType instanceof InputType.InputTypeConvolutional images) {
            return images.getChannels();
        } else if (inputType instanceof InputType.InputTypeConvolutionalFlat images) {
            return images.getDepth();
        } else if (inputType instanceof InputType.InputTypeConvolutional3D volumes) {
            return volumes.getChannels();
        }
        throw new DL4JInvalidConfigException(name() + ": cannot normalise input of type " + inputType);
    }

    /** {@inheritDoc} None but for flattened images, which become images again. */
    @Override
    public InputPreProcessor getPreProcessorForInputType(InputType inputType) {
        return inputType instanceof InputType.InputTypeConvolutionalFlat images
                ? new FeedForwardToCnnPreProcessor(images.getHeight(), images.getWidth(), images.getDepth())
                : null;
    }

    /** {@inheritDoc} γ and β are regularised only if that was asked for, the running statistics never. */
    @Override
    public List<Regularization> getRegularizationByParam(String paramName) {
        return regularizeGammaBeta && trainableKeys().contains(paramName) ? getRegularization() : null;
    }

    /** {@inheritDoc} The running statistics move by what {@link BatchNormLayer} puts in the place of their gradients. */
    @Override
    public IUpdater getUpdaterByParam(String paramName) {
        return trainableKeys().contains(paramName) ? getIUpdater() : new NoOp();
    }

    @Override
    public boolean isPretrainParam(String paramName) {
        return false;
    }

    /** {@inheritDoc} Beyond output and gradient there are a few values for each channel. */
    @Override
    public LayerMemoryReport getMemoryReport(InputType inputType) {
        long updaterState = trainableKeys().stream()
                .mapToLong(key -> getUpdaterByParam(key).stateSize(getNOut()))
                .sum();
        return new LayerMemoryReport.Builder(getLayerName(), BatchNorm.class, inputType, inputType)
                .standardMemory(initializer().numParams(this), updaterState)
                .workingMemory(0, 0, 0, inputType.arrayElementsPerExample())
                .cacheMemory(MemoryReport.CACHE_MODE_ALL_ZEROS, MemoryReport.CACHE_MODE_ALL_ZEROS)
                .build();
    }

    /** A file can hold anything, so this is checked both when a configuration is built and when a layer is made from one. */
    private void validate() {
        require(decay >= 0 && decay <= 1, "decay must be from 0 to 1, not " + decay);
        require(eps > 0 && Double.isFinite(eps), "eps must be positive and finite, not " + eps);
        require(Double.isFinite(gamma), "gamma must be finite, not " + gamma);
        require(Double.isFinite(beta), "beta must be finite, not " + beta);
    }

    private void require(boolean holds, String message) {
        if (!holds) {
            throw new DL4JInvalidConfigException(name() + ": " + message);
        }
    }

    private String name() {
        return getLayerName() == null ? "BatchNorm" : "BatchNorm \"" + getLayerName() + "\"";
    }

    @Override
    public BatchNorm clone() {
        return (BatchNorm) super.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof BatchNorm that
                && super.equals(that)
                && settings().equals(that.settings());
    }

    @Override
    public int hashCode() {
        return Objects.hash(super.hashCode(), settings());
    }

    @Override
    public String toString() {
        return "BatchNorm" + settings();
    }

    private Map<String, Object> settings() {
        Map<String, Object> settings = new LinkedHashMap<>();
        settings.put("nOut", getNOut());
        settings.put("decay", decay);
        settings.put("eps", eps);
        settings.put("cumulativeAverage", cumulativeAverage);
        settings.put("gamma", gamma);
        settings.put("beta", beta);
        settings.put("lockGammaBeta", lockGammaBeta);
        settings.put("useLogStd", useLogStd);
        settings.put("regularizeGammaBeta", regularizeGammaBeta);
        settings.put("refuseNonFinite", refuseNonFinite);
        settings.put("channelsLast", channelsLast);
        settings.put("activation", getActivationFn());
        return settings;
    }

    /** Makes a {@link BatchNorm}; what is not set has the defaults of DL4J's built-in layer, but for {@link #useLogStd}. */
    @SuppressWarnings("unchecked") // build() is declared to return whatever the caller likes
    public static final class Builder extends FeedForwardLayer.Builder<Builder> {
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
        private List<LayerConstraint> gammaConstraints = List.of();
        private List<LayerConstraint> betaConstraints = List.of();

        public Builder() {
            // Set here, lest the layer take on the network's default activation, which is meant for other layers.
            setActivationFn(new ActivationIdentity());
        }

        /** The share of the old running statistic that a step keeps, 0 to 1; PyTorch's momentum is 1 − decay. */
        public Builder decay(double value) {
            decay = value;
            return this;
        }

        /** Added to the variance before its root is taken; positive. */
        public Builder eps(double value) {
            eps = value;
            return this;
        }

        /**
         * Whether the running statistics are the plain average over all batches so far, PyTorch's {@code momentum=None}, in the place of
         * the moving one; {@code decay} does not count then. Batches are counted by the network's iteration count, which a
         * {@code ComputationGraph} loses when it is cloned.
         */
        public Builder cumulativeAverage(boolean value) {
            cumulativeAverage = value;
            return this;
        }

        /** What γ is initialised to, and stays at if it is locked. */
        public Builder gamma(double value) {
            gamma = value;
            return this;
        }

        /** What β is initialised to, and stays at if it is locked. */
        public Builder beta(double value) {
            beta = value;
            return this;
        }

        /** Whether γ and β stay what they are initialised to and are no parameters; PyTorch's {@code affine=False}. */
        public Builder lockGammaBeta(boolean value) {
            lockGammaBeta = value;
            return this;
        }

        /** Whether log₁₀√variance is kept in the place of the running variance, as the built-in layer does by default. */
        public Builder useLogStd(boolean value) {
            useLogStd = value;
            return this;
        }

        /** Whether the layer's or the network's regularization of weights goes for γ and β too, as in PyTorch. */
        public Builder regularizeGammaBeta(boolean value) {
            regularizeGammaBeta = value;
            return this;
        }

        /** Whether NaN and infinite input is refused, with the layer's name, rather than passed on; costs a pass over the input. */
        public Builder refuseNonFinite(boolean value) {
            refuseNonFinite = value;
            return this;
        }

        /**
         * Whether the channels are the last axis. The network's input type overrides it for images and series; for volumes it does not,
         * because DL4J's convolutions hand on NDHWC as their output type whatever it is.
         */
        public Builder channelsLast(boolean value) {
            channelsLast = value;
            return this;
        }

        /** Constraints on γ, applied after each step. */
        public Builder constrainGamma(LayerConstraint... constraints) {
            gammaConstraints = List.of(constraints);
            return this;
        }

        /** Constraints on β, applied after each step. */
        public Builder constrainBeta(LayerConstraint... constraints) {
            betaConstraints = List.of(constraints);
            return this;
        }

        /** @throws DL4JInvalidConfigException always: weight noise is for weights, of which this layer has none */
        @Override
        public Builder weightNoise(IWeightNoise weightNoise) {
            throw new DL4JInvalidConfigException("BatchNorm has no weights that weight noise could be added to");
        }

        /** @throws DL4JInvalidConfigException if a setting is out of range, or nIn and nOut differ */
        @Override
        public BatchNorm build() {
            BatchNorm layer = new BatchNorm(this);
            layer.require(
                    nIn == nOut || nIn == 0 || nOut == 0,
                    "nIn is " + nIn + " and nOut " + nOut + "; they must be equal");
            layer.setNIn(Math.max(nIn, nOut));
            layer.validate();
            return layer;
        }

        private List<LayerConstraint> constraints() {
            List<LayerConstraint> all = allParamConstraints == null ? List.of() : allParamConstraints;
            List<LayerConstraint> constraints = Stream.of(
                            on(all, BatchNormParamInitializer.GAMMA, BatchNormParamInitializer.BETA),
                            on(gammaConstraints, BatchNormParamInitializer.GAMMA),
                            on(betaConstraints, BatchNormParamInitializer.BETA))
                    .flatMap(List::stream)
                    .toList();
            return constraints.isEmpty() ? null : constraints;
        }

        private static List<LayerConstraint> on(List<LayerConstraint> constraints, String... keys) {
            return constraints.stream()
                    .map(constraint -> {
                        LayerConstraint own = constraint.clone();
                        own.setParams(new HashSet<>(List.of(keys)));
                        return own;
                    })
                    .toList();
        }
    }
}
