package org.bncnn.engine;

import java.util.ArrayList;
import java.util.List;
import org.bncnn.array.Floats;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Where a network's parameters and gradients are in memory.
 *
 * <p>The addresses are built into a plan, which therefore shares memory with DL4J's updater. DL4J may replace the
 * arrays at any time; {@link #isCurrent()} says whether it has.
 */
final class ParameterMemory {
    private final MultiLayerNetwork network;
    private final INDArray params;
    private final INDArray gradients;
    private final List<Bound> bound = new ArrayList<>();

    private record Bound(Layer layer, String key, INDArray array) {}

    /**
     * One parameter.
     *
     * @param values of the parameter, in the network's array
     * @param gradient of the parameter, in the network's array; null at inference
     */
    record Slice(Floats values, Floats gradient) {
        long length() {
            return values.length();
        }

        long address() {
            return values.address();
        }

        long gradientAddress() {
            return gradient.address();
        }
    }

    /** @param training whether gradients are needed */
    ParameterMemory(MultiLayerNetwork network, boolean training) {
        this.network = network;
        params = network.params();
        gradients = training ? network.getGradientsViewArray() : null;
    }

    /**
     * {@return a parameter}
     *
     * @param order of its values, 'c' or 'f'
     * @throws NotCompilableException if it is not a view of the network's parameters
     * @throws IllegalArgumentException if its values do not lie side by side in this order
     */
    Slice slice(Layer layer, String key, char order) throws NotCompilableException {
        INDArray array = layer.getParam(key);
        Floats values = Floats.of(array, order);
        long offset = (values.address() - Floats.of(params).address()) / Float.BYTES;
        if (offset < 0 || offset + values.length() > params.length()) {
            throw new NotCompilableException("its parameter " + key + " is no part of the network's parameters");
        }
        bound.add(new Bound(layer, key, array));
        return new Slice(values, gradients == null ? null : Floats.of(gradients).slice(offset, values.length()));
    }

    /** {@return whether every array still is where it was} */
    boolean isCurrent() {
        return network.params() == params
                && (params == null || !params.wasClosed())
                && (gradients == null || network.getGradientsViewArray() == gradients && !gradients.wasClosed())
                && bound.stream().allMatch(each -> each.layer.getParam(each.key) == each.array);
    }
}
