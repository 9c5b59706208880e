package org.bncnn.norm;

import static org.deeplearning4j.nn.params.BatchNormalizationParamInitializer.BETA;
import static org.deeplearning4j.nn.params.BatchNormalizationParamInitializer.GAMMA;
import static org.deeplearning4j.nn.params.BatchNormalizationParamInitializer.GLOBAL_MEAN;
import static org.deeplearning4j.nn.params.BatchNormalizationParamInitializer.GLOBAL_VAR;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.params.EmptyParamInitializer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * The parameters of a {@link BatchNorm}, slices of C values each of the network's parameters, with the names, the order
 * and the meaning that DL4J's built-in layer gives them: γ, β (unless they are locked), running mean, running variance
 * or log₁₀ of its root. None of them is a weight or a bias: global settings for weights, such as l2, are not meant for
 * γ, nor those for biases for β.
 */
final class BatchNormParamInitializer extends EmptyParamInitializer {
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
        List<String> keys = new ArrayList<>(((BatchNorm) layer).trainableKeys());
        keys.add(GLOBAL_MEAN);
        keys.add(Normalization.of(layer).varianceKey());
        return keys;
    }

    @Override
    public Map<String, INDArray> init(NeuralNetConfiguration conf, INDArray paramsView, boolean initializeParams) {
        BatchNorm layer = (BatchNorm) conf.getLayer();
        Map<String, INDArray> params = slices(layer, paramsView);
        params.keySet().forEach(conf::addVariable);
        if (initializeParams) {
            params.forEach((key, values) -> {
                double initial = switch (key) {
                    case GAMMA -> layer.getGamma();
                    case BETA -> layer.getBeta();
                    case GLOBAL_VAR -> 1;
                    default -> 0;
                };
                values.assign(initial);
            });
        }
        return params;
    }

    @Override
    public Map<String, INDArray> getGradientsFromFlattened(NeuralNetConfiguration conf, INDArray gradientView) {
        return slices((BatchNorm) conf.getLayer(), gradientView);
    }

    private Map<String, INDArray> slices(BatchNorm layer, INDArray view) {
        INDArray flat = view.reshape(view.length());
        Map<String, INDArray> slices = new LinkedHashMap<>();
        for (String key : paramKeys(layer)) {
            long from = slices.size() * layer.getNOut();
            slices.put(key, flat.get(NDArrayIndex.interval(from, from + layer.getNOut())));
        }
        return slices;
    }
}
