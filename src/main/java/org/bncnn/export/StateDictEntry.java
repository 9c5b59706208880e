package org.bncnn.export;

import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;
import org.bncnn.norm.Normalization;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A parameter of a network and the tensor that holds it in PyTorch.
 *
 * @param name of the tensor
 * @param parameter of the network, a view of all its parameters
 * @param form of the parameter
 * @param norm says how a running variance is stored; null for other parameters
 */
record StateDictEntry(String name, INDArray parameter, Form form, Normalization norm) {
    /** How the parameter's values relate to the tensor's. */
    enum Form {
        /** The kernels of a convolution, {@code [out, in, H, W]} here and there. */
        KERNEL,
        /** The weights of a dense layer, {@code [in, out]} here, {@code [out, in]} there. */
        TRANSPOSED,
        /** One value for each output. */
        VECTOR,
        /** A vector of variances, stored here as the layer stores them. */
        VARIANCE
    }

    /**
     * {@return the tensor}, a copy, {@code FLOAT} or, in a network of {@code DOUBLE}, that
     *
     * @throws IllegalArgumentException if it is a variance with a negative value
     */
    INDArray tensor() {
        DataType type = parameter.dataType() == DataType.DOUBLE ? DataType.DOUBLE : DataType.FLOAT;
        INDArray values = parameter.castTo(type);
        return switch (form) {
            case KERNEL -> values.dup('c');
            case TRANSPOSED -> values.transpose().dup('c');
            case VECTOR -> values.dup('c').reshape(values.length());
            case VARIANCE ->
                requireVariances(each(parameter, norm::variance), false).castTo(type);
        };
    }

    /**
     * {@return the parameter's values for a tensor}, of the parameter's shape and type
     *
     * @throws IllegalArgumentException if the tensor has another shape or values that the parameter cannot have
     */
    INDArray parameter(INDArray tensor) {
        if (!Arrays.equals(tensor.shape(), shape())) {
            throw new IllegalArgumentException(name + " has the shape " + Arrays.toString(tensor.shape())
                    + ", the network needs " + Arrays.toString(shape()));
        }
        if (!tensor.dataType().isFPType()) {
            throw new IllegalArgumentException(
                    name + " is of " + tensor.dataType() + ", the network needs floating-point numbers");
        }
        INDArray values = switch (form) {
            case KERNEL, VECTOR -> tensor;
            case TRANSPOSED -> tensor.transpose();
            case VARIANCE -> each(requireVariances(tensor, norm.logStd()), norm::stored);
        };
        INDArray converted = values.castTo(parameter.dataType()).reshape(parameter.shape());
        if (!Double.isFinite(converted.amaxNumber().doubleValue())) {
            throw new IllegalArgumentException(
                    name + " has values that are too large for a network of " + parameter.dataType());
        }
        return converted;
    }

    private long[] shape() {
        return switch (form) {
            case KERNEL -> parameter.shape();
            case TRANSPOSED -> new long[] {parameter.size(1), parameter.size(0)};
            case VECTOR, VARIANCE -> new long[] {parameter.length()};
        };
    }

    private INDArray requireVariances(INDArray tensor, boolean positive) {
        for (long i = 0; i < tensor.length(); i++) {
            double variance = tensor.getDouble(i);
            if (variance < 0 || variance == 0 && positive) {
                throw new IllegalArgumentException(name + " has the value " + variance + " at " + i
                        + (positive ? ", whose logarithm the layer cannot keep" : ", which is no variance"));
            }
        }
        return tensor;
    }

    /** {@return a vector in double, each of its values by a function of another vector's} */
    private static INDArray each(INDArray vector, DoubleUnaryOperator function) {
        double[] values = vector.castTo(DataType.DOUBLE).dup('c').data().asDouble();
        return Nd4j.createFromArray(Arrays.stream(values).map(function).toArray());
    }
}
