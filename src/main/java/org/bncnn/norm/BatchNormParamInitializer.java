package org.bncnn.norm;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.ParamInitializer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.params.BatchNormalizationParamInitializer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * The parameters of a {@link BatchNorm}, slices of C values each of the network's parameters, with the names, the order and the meaning
 * that DL4J's built-in layer gives them: γ, β (unless they are locked), running mean, running variance or log₁₀ of its root.
 */
final class BatchNormParamInitializer implements ParamInitializer {
    static final String GAMMA = BatchNormalizationParamInitializer.GAMMA;
    static final String BETA = BatchNormalizationParamInitializer.BETA;
    static final String MEAN = BatchNormalizationParamInitializer.GLOBAL_MEAN;
    static final String VARIANCE = BatchNormalizationParamInitializer.GLOBAL_VAR;
    static final String LOG10_STD = BatchNormalizationParamInitializer.GLOBAL_LOG_STD;

    static final BatchNormParamInitializer INSTANCE = new BatchNormParamInitializer();

    private BatchNormParamInitializer() {}

    @Override
    public long numParams(NeuralNetConfiguration conf) {
        return numParams(conf.getLayer());
    }

    @Override
    public long numParams(Layer layer) {
        return paramKeys(layer).size() * ((BatchNorm) layer).getNOut();
    }

    @Override
    public List<String> paramKeys(Layer layer) {
        BatchNorm batchNorm = (BatchNorm) layer;
        return Stream.concat(batchNorm.trainableKeys().stream(), Stream.of(MEAN, batchNorm.varianceKey()))
                .toList();
    }

    /** {@inheritDoc} None: global settings for weights, such as l2, are not meant for γ. */
    @Override
    public List<String> weightKeys(Layer layer) {
        return List.of();
    }

    /** {@inheritDoc} None: global settings for biases are not meant for β. */
    @Override
    public List<String> biasKeys(Layer layer) {
        return List.of();
    }

    @Override
    public boolean isWeightParam(Layer layer, String key) {
        return false;
    }

    @Override
    public boolean isBiasParam(Layer layer, String key) {
        return false;
    }

    @Override
    public Map<String, INDArray> init(NeuralNetConfiguration conf, INDArray paramsView, boolean initializeParams) {
        BatchNorm layer = (BatchNorm) conf.getLayer();
        Map<String, INDArray> params = slices(layer, paramsView);
        params.keySet().forEach(conf::addVariable);
        if (initializeParams) {
            Map<String, Double> initial = Map.of(
                    GAMMA, layer.getGamma(), BETA, layer.getBeta(), MEAN, 0.0, VARIANCE, 1.0, LOG10_STD, Math.log10(1));
            params.forEach((key, values) -> values.assign(initial.get(key)));
        }
        return params;
    }

    @Override
    public Map<String, INDArray> getGradientsFromFlattened(NeuralNetConfiguration conf, INDArray gradientView) {
        return slices((BatchNorm) conf.getLayer(), gradientView);
    }

    private Map<String, INDArray> slices(BatchNorm layer, INDArray view) {
        INDArray flat = view.reshape(view.length());
        long channels = layer.getNOut();
        Map<String, INDArray> slices = new LinkedHashMap<>();
        for (String key : paramKeys(layer)) {
            long from = slices.size() * channels;
            slices.put(key, flat.get(NDArrayIndex.interval(from, from + channels)));
        }
        return slices;
    }
}
