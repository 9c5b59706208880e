package org.bncnn.norm;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.deeplearning4j.exception.DL4JInvalidConfigException;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Converts networks with {@link BatchNorm} to networks with DL4J's built-in batch normalization, and back.
 *
 * <p>Both layers have the same parameters in the same order. Parameters, updater state, and iteration and epoch count
 * are copied bit by bit, and a conversion there and back loses none of them. Inference gives the same outputs. Training
 * differs a little from then on: the built-in layer averages the biased variance, ours the unbiased one.
 *
 * <p>The conversion leaves out what the built-in layer does not have: cumulative average, refusal of input that is not
 * finite, and regularization, constraints and dropout. A fused activation becomes an {@link ActivationLayer}.
 */
public final class BatchNormConversion {
    private BatchNormConversion() {}

    /**
     * {@return a network with {@link BatchNormalization} instead of {@link BatchNorm}}
     *
     * @param network is not changed
     * @throws DL4JInvalidConfigException if γ and β are locked to values that the built-in layer ignores
     */
    public static MultiLayerNetwork toBuiltin(MultiLayerNetwork network) {
        return convert(network, BatchNormConversion::toBuiltin);
    }

    /**
     * {@return a network with {@link BatchNormalization} instead of {@link BatchNorm}}
     *
     * @param network is not changed
     * @throws DL4JInvalidConfigException if γ and β are locked to values that the built-in layer ignores, or a layer
     *     has a fused activation
     */
    public static ComputationGraph toBuiltin(ComputationGraph network) {
        return convert(network, BatchNormConversion::toBuiltin);
    }

    /**
     * {@return a network with {@link BatchNorm} instead of {@link BatchNormalization}}
     *
     * @param network is not changed
     */
    public static MultiLayerNetwork toCustom(MultiLayerNetwork network) {
        return convert(network, BatchNormConversion::toCustom);
    }

    /**
     * {@return a network with {@link BatchNorm} instead of {@link BatchNormalization}}
     *
     * @param network is not changed
     */
    public static ComputationGraph toCustom(ComputationGraph network) {
        return convert(network, BatchNormConversion::toCustom);
    }

    private static MultiLayerNetwork convert(MultiLayerNetwork network, UnaryOperator<Layer> conversion) {
        MultiLayerConfiguration configuration =
                network.getLayerWiseConfigurations().clone();
        Map<Integer, InputPreProcessor> preProcessors = new TreeMap<>();
        List<NeuralNetConfiguration> layers = new ArrayList<>();
        for (int i = 0; i < configuration.getConfs().size(); i++) {
            if (configuration.getInputPreProcess(i) != null) {
                preProcessors.put(layers.size(), configuration.getInputPreProcess(i));
            }
            NeuralNetConfiguration conf = configuration.getConf(i);
            String name = conf.getLayer().getLayerName();
            layers.add(conf);
            convert(conf, conversion).ifPresent(lost -> layers.add(activation(name, lost, conf)));
        }
        configuration.setConfs(layers);
        configuration.setInputPreProcessors(preProcessors);
        MultiLayerNetwork converted = new MultiLayerNetwork(configuration);
        converted.init(network.params().dup(), false);
        INDArray state = network.getUpdater().getStateViewArray();
        if (state != null) {
            converted.getUpdater().setStateViewArray(converted, state.dup(), false);
        }
        return converted;
    }

    private static ComputationGraph convert(ComputationGraph network, UnaryOperator<Layer> conversion) {
        ComputationGraphConfiguration configuration = network.getConfiguration().clone();
        // A graph's configuration forgets them when it is cloned.
        configuration.setIterationCount(network.getIterationCount());
        configuration.setEpochCount(network.getEpochCount());
        configuration.getVertices().forEach((name, vertex) -> {
            if (vertex instanceof LayerVertex layer
                    && convert(layer.getLayerConf(), conversion).isPresent()) {
                throw new DL4JInvalidConfigException("BatchNorm \"" + name + "\" has a fused activation, which the"
                        + " built-in layer has not; give it a vertex of its own");
            }
        });
        ComputationGraph converted = new ComputationGraph(configuration);
        converted.init(network.params().dup(), false);
        INDArray state = network.getUpdater().getStateViewArray();
        if (state != null) {
            converted.getUpdater().setStateViewArray(state.dup());
        }
        return converted;
    }

    /** Converts a layer, frozen or not. {@return the fused activation that the converted layer does not have} */
    private static Optional<IActivation> convert(NeuralNetConfiguration conf, UnaryOperator<Layer> conversion) {
        Layer before = conf.getLayer();
        Layer converted;
        if (before instanceof FrozenLayer frozen) {
            before = frozen.getLayer();
            converted = conversion.apply(before);
            conf.setLayer(new FrozenLayer(converted));
        } else if (before instanceof FrozenLayerWithBackprop frozen) {
            before = frozen.getUnderlying();
            converted = conversion.apply(before);
            conf.setLayer(new FrozenLayerWithBackprop(converted));
        } else {
            converted = conversion.apply(before);
            conf.setLayer(converted);
        }
        return before instanceof BatchNorm own && before != converted
                ? Optional.of(own.getActivationFn()).filter(fused -> !(fused instanceof ActivationIdentity))
                : Optional.empty();
    }

    private static NeuralNetConfiguration activation(
            String name, IActivation activation, NeuralNetConfiguration batchNorm) {
        NeuralNetConfiguration conf = batchNorm.clone();
        conf.setVariables(new ArrayList<>());
        conf.setLayer(new ActivationLayer.Builder()
                .name(name + "-activation")
                .activation(activation)
                .build());
        return conf;
    }

    private static Layer toBuiltin(Layer layer) {
        if (!(layer instanceof BatchNorm own)) {
            return layer;
        }
        Normalization norm = Normalization.of(own);
        if (norm.locksIgnoredValues()) {
            throw new DL4JInvalidConfigException("The built-in layer ignores γ locked to " + norm.initialGamma()
                    + " and β to " + norm.initialBeta() + " (layer " + own.getLayerName() + ")");
        }
        BatchNormalization builtin = new BatchNormalization.Builder()
                .nIn(norm.channels())
                .nOut(norm.channels())
                .decay(norm.decay())
                .eps(norm.eps())
                .gamma(norm.initialGamma())
                .beta(norm.initialBeta())
                .lockGammaBeta(norm.locked())
                .useLogStd(norm.logStd())
                .dataFormat(norm.channelsLast() ? CNN2DFormat.NHWC : CNN2DFormat.NCHW)
                .build();
        builtin.setActivationFn(new ActivationIdentity());
        copyTrainingSettings(own, builtin);
        return builtin;
    }

    private static Layer toCustom(Layer layer) {
        if (layer.getClass() != BatchNormalization.class) {
            return layer;
        }
        Normalization norm = Normalization.of(layer);
        BatchNorm own = new BatchNorm.Builder()
                .nOut(norm.channels())
                .decay(norm.decay())
                .eps(norm.eps())
                .gamma(norm.initialGamma())
                .beta(norm.initialBeta())
                .lockGammaBeta(norm.locked())
                .useLogStd(norm.logStd())
                .channelsLast(norm.channelsLast())
                .build();
        copyTrainingSettings((BatchNormalization) layer, own);
        return own;
    }

    /** Settings that either layer takes from its network, whether it uses them or not. */
    private static void copyTrainingSettings(BaseLayer from, BaseLayer to) {
        to.setLayerName(from.getLayerName());
        to.setIUpdater(from.getIUpdater());
        to.setBiasUpdater(from.getBiasUpdater());
        to.setWeightInitFn(from.getWeightInitFn());
        to.setBiasInit(from.getBiasInit());
        to.setGainInit(from.getGainInit());
        to.setRegularization(from.getRegularization());
        to.setRegularizationBias(from.getRegularizationBias());
        to.setGradientNormalization(from.getGradientNormalization());
        to.setGradientNormalizationThreshold(from.getGradientNormalizationThreshold());
    }
}
