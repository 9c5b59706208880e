package org.bncnn.engine;

import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.common.util.ArrayUtil;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Where a network's parameters and gradients are in memory.
 *
 * <p>A plan has the addresses built in, so that it reads what the updater wrote and writes what the updater reads without a copy. DL4J
 * may put other arrays in their place at any time; {@link #isCurrent()} tells whether it has.
 */
final class ParameterMemory {
    private final MultiLayerNetwork network;
    private final INDArray params;
    private final INDArray gradients;
    private final List<Bound> bound = new ArrayList<>();

    private record Bound(Layer layer, String key, INDArray array) {}

    /**
     * Where one parameter is.
     *
     * @param address of its values
     * @param gradientAddress of its gradient; 0 at inference
     * @param length number of values
     */
    record Slice(long address, long gradientAddress, long length) {
        Floats values() {
            return new Floats(address, length);
        }

        Floats gradient() {
            return new Floats(gradientAddress, length);
        }
    }

    /** @param gradients where the network's are; null if they are not needed */
    ParameterMemory(MultiLayerNetwork network, INDArray gradients) {
        this.network = network;
        this.gradients = gradients;
        params = network.params();
    }

    /**
     * {@return where a parameter is}
     *
     * @param order in which its values are to lie, 'c' or 'f'
     * @throws NotCompilableException if it is not a view of the network's parameters, in this order
     */
    Slice slice(Layer layer, String key, char order) throws NotCompilableException {
        INDArray array = layer.getParam(key);
        long offset = (Floats.addressOf(array) - Floats.addressOf(params)) / Float.BYTES;
        if (array.dataType() != DataType.FLOAT
                || offset < 0
                || offset + array.length() > params.length()
                || !isContiguous(array, order)) {
            throw new NotCompilableException("its parameter " + key + " is no part of the network's parameters");
        }
        bound.add(new Bound(layer, key, array));
        long gradient = gradients == null ? 0 : Floats.addressOf(gradients) + offset * Float.BYTES;
        return new Slice(Floats.addressOf(array), gradient, array.length());
    }

    /** {@return whether every array still is where it was} */
    boolean isCurrent() {
        return network.params() == params
                && (params == null || !params.wasClosed())
                && (gradients == null || network.getGradientsViewArray() == gradients && !gradients.wasClosed())
                && bound.stream().allMatch(each -> each.layer.getParam(each.key) == each.array);
    }

    /** {@return whether an array's values lie side by side in an order, 'c' or 'f'} */
    static boolean isContiguous(INDArray array, char order) {
        long[] shape = array.shape();
        long[] stride = array.stride();
        long[] expected = order == 'c' ? ArrayUtil.calcStrides(shape) : ArrayUtil.calcStridesFortran(shape);
        for (int axis = 0; axis < shape.length; axis++) {
            if (shape[axis] > 1 && stride[axis] != expected[axis]) {
                return false;
            }
        }
        return true;
    }
}
