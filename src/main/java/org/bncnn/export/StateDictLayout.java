package org.bncnn.export;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bncnn.engine.LayerName;
import org.bncnn.export.StateDictEntry.Form;
import org.bncnn.norm.Normalization;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.params.BatchNormalizationParamInitializer;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The tensors of a network's {@code state_dict}: each layer's name in DL4J, and PyTorch's names of the parameters of
 * {@code nn.Conv2d}, {@code nn.Linear}, {@code nn.BatchNorm1d} and {@code nn.BatchNorm2d}.
 *
 * @param entries for the network's parameters, all of them
 * @param layers the names of the layers with parameters, in the network's order
 * @param foldable biases that the layers directly before batch normalization do not have but PyTorch's may, each with
 *     the running mean that it can be subtracted from
 * @param counts the names of the tensors in which PyTorch counts a BN layer's batches; DL4J counts the network's
 */
record StateDictLayout(
        List<StateDictEntry> entries, List<String> layers, Map<String, String> foldable, List<String> counts) {
    static final String WEIGHT = ".weight";
    static final String BIAS = ".bias";
    static final String RUNNING_MEAN = ".running_mean";
    static final String RUNNING_VAR = ".running_var";
    private static final String BATCHES = ".num_batches_tracked";

    /**
     * {@return the layout of a network}
     *
     * @throws IllegalArgumentException if a layer with parameters has no counterpart; the message names it
     */
    static StateDictLayout of(MultiLayerNetwork network) {
        StateDictLayout layout =
                new StateDictLayout(new ArrayList<>(), new ArrayList<>(), new LinkedHashMap<>(), new ArrayList<>());
        Map<String, Integer> named = new HashMap<>();
        for (Layer layer : network.getLayers()) {
            if (layer.numParams() == 0) {
                continue;
            }
            var configuration = layer.conf().getLayer();
            Integer other = named.put(configuration.getLayerName(), layer.getIndex());
            try {
                if (other != null) {
                    throw new IllegalArgumentException("has the name of layer " + other);
                }
                layout.layers.add(configuration.getLayerName());
                layout.add(layer, network.getLayerWiseConfigurations().getInputPreProcess(layer.getIndex()));
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(LayerName.of(layer) + ": " + e.getMessage(), e);
            }
        }
        layout.addFoldable(network);
        return layout;
    }

    /** Behind an activation, or where an image becomes a vector, a bias is not a shift of the mean. */
    private void addFoldable(MultiLayerNetwork network) {
        for (int i = 0; i + 1 < network.getnLayers(); i++) {
            var configuration = network.getLayer(i).conf().getLayer();
            if ((configuration instanceof ConvolutionLayer || configuration.getClass() == DenseLayer.class)
                    && ((BaseLayer) configuration).getActivationFn() instanceof ActivationIdentity
                    && network.getLayerWiseConfigurations().getInputPreProcess(i + 1) == null) {
                String bias = configuration.getLayerName() + BIAS;
                String mean = network.getLayer(i + 1).conf().getLayer().getLayerName() + RUNNING_MEAN;
                if (!names().contains(bias) && names().contains(mean)) {
                    foldable.put(bias, mean);
                }
            }
        }
    }

    /** {@return the names of all tensors that there may be} */
    Set<String> names() {
        Set<String> names = new LinkedHashSet<>(counts);
        entries.forEach(entry -> names.add(entry.name()));
        return names;
    }

    /** Sub-classes may compute anything, so only these very classes are known. */
    private void add(Layer layer, InputPreProcessor before) {
        var configuration = layer.conf().getLayer();
        Class<?> type = configuration.getClass();
        if (type == ConvolutionLayer.class) {
            if (((ConvolutionLayer) configuration).getCnn2dDataFormat() != CNN2DFormat.NCHW) {
                throw new IllegalArgumentException("has its channels last; PyTorch has them first");
            }
            addWeights(layer, Form.KERNEL);
        } else if (type == DenseLayer.class || type == OutputLayer.class) {
            if (configuration instanceof DenseLayer dense && dense.hasLayerNorm()) {
                throw new IllegalArgumentException("has layer normalization, which is no part of nn.Linear");
            }
            if (before instanceof CnnToFeedForwardPreProcessor flattened && flattened.getFormat() != CNN2DFormat.NCHW) {
                throw new IllegalArgumentException("is given images flattened channels last; PyTorch has them first");
            }
            addWeights(layer, Form.TRANSPOSED);
        } else if (Normalization.is(configuration)) {
            addNorm(layer, Normalization.of(configuration));
        } else {
            throw new IllegalArgumentException(
                    "has no counterpart in a state_dict; convolution, dense, output and batch normalization"
                            + " layers have");
        }
    }

    private void addWeights(Layer layer, Form form) {
        add(layer, WEIGHT, DefaultParamInitializer.WEIGHT_KEY, form, null);
        add(layer, BIAS, DefaultParamInitializer.BIAS_KEY, Form.VECTOR, null);
    }

    /** Locked to 1 and 0, γ and β are {@code affine=False} in PyTorch: no tensors. */
    private void addNorm(Layer layer, Normalization norm) {
        if (norm.locksOtherValues()) {
            throw new IllegalArgumentException("has γ and β locked to " + norm.initialGamma() + " and "
                    + norm.initialBeta() + "; in PyTorch they can only be locked to 1 and 0");
        }
        add(layer, WEIGHT, BatchNormalizationParamInitializer.GAMMA, Form.VECTOR, null);
        add(layer, BIAS, BatchNormalizationParamInitializer.BETA, Form.VECTOR, null);
        add(layer, RUNNING_MEAN, BatchNormalizationParamInitializer.GLOBAL_MEAN, Form.VECTOR, null);
        add(layer, RUNNING_VAR, norm.varianceKey(), Form.VARIANCE, norm);
        counts.add(layer.conf().getLayer().getLayerName() + BATCHES);
    }

    /** Adds a parameter if the layer has it. */
    private void add(Layer layer, String suffix, String key, Form form, Normalization norm) {
        INDArray parameter = layer.paramTable().get(key);
        if (parameter != null) {
            entries.add(new StateDictEntry(layer.conf().getLayer().getLayerName() + suffix, parameter, form, norm));
        }
    }
}
