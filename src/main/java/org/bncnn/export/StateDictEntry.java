package org.bncnn.export;

import java.util.Arrays;
import org.bncnn.norm.Log10Std;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A parameter of a network and the tensor that PyTorch has in its place.
 *
 * @param name of the tensor
 * @param parameter of the network, a view of all its parameters
 */
record StateDictEntry(String name, INDArray parameter, Form form) {
    /** What the parameter's values are to the tensor's. */
    enum Form {
        /** The kernels of a convolution, {@code [out, in, H, W]} here and there. */
        KERNEL,
        /** The weights of a dense layer, {@code [in, out]} here, {@code [out, in]} there. */
        TRANSPOSED,
        /** One value for each output. */
        VECTOR,
        /** A vector of variances. */
        VARIANCE,
        /** A vector, log₁₀ of the standard deviation here, the variance there. */
        LOG10_STD
    }

    /**
     * {@return the tensor}, a copy, {@code FLOAT} or, in a network of {@code DOUBLE}, that
     *
     * @throws IllegalArgumentException if it is a variance with a negative value
     */
    INDArray tensor() {
        INDArray values = parameter.castTo(type());
        return switch (form) {
            case KERNEL -> values.dup('c');
            case TRANSPOSED -> values.transpose().dup('c');
            case VECTOR -> values.dup('c').reshape(values.length());
            case VARIANCE -> checkVariance(values.dup('c').reshape(values.length()), true);
            case LOG10_STD -> variance(values.castTo(DataType.DOUBLE)).castTo(type());
        };
    }

    private DataType type() {
        return parameter.dataType() == DataType.DOUBLE ? DataType.DOUBLE : DataType.FLOAT;
    }

    private static INDArray variance(INDArray log10Std) {
        INDArray variance = log10Std.dup('c').reshape(log10Std.length());
        for (long i = 0; i < variance.length(); i++) {
            variance.putScalar(i, Log10Std.variance(variance.getDouble(i)));
        }
        return variance;
    }

    /**
     * {@return what the parameter becomes by a tensor}, of the parameter's shape and type
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
            case VARIANCE -> checkVariance(tensor, true);
            case LOG10_STD -> log10Std(checkVariance(tensor, false));
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
            case VECTOR, VARIANCE, LOG10_STD -> new long[] {parameter.length()};
        };
    }

    private INDArray checkVariance(INDArray tensor, boolean zeroAllowed) {
        for (long i = 0; i < tensor.length(); i++) {
            double variance = tensor.getDouble(i);
            if (variance < 0 || variance == 0 && !zeroAllowed) {
                throw new IllegalArgumentException(name + " has the value " + variance + " at " + i
                        + (zeroAllowed ? ", which is no variance" : ", whose logarithm the layer cannot keep"));
            }
        }
        return tensor;
    }

    private static INDArray log10Std(INDArray variance) {
        INDArray log10Std = variance.castTo(DataType.DOUBLE).dup('c');
        for (long i = 0; i < log10Std.length(); i++) {
            log10Std.putScalar(i, Log10Std.of(log10Std.getDouble(i)));
        }
        return log10Std;
    }
}
