package org.bncnn.train;

import java.lang.ref.Reference;
import org.bytedeco.javacpp.FloatPointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** An array's values as a Java array and back, in bulk: {@code DataBuffer.asFloat} goes value by value and takes ten times as long. */
final class FloatValues {
    private FloatValues() {}

    /** {@return a copy of an array's values}, in 'c' order */
    static float[] of(INDArray array) {
        INDArray plain = isPlain(array) ? array : array.castTo(DataType.FLOAT).dup('c');
        float[] values = new float[Math.toIntExact(plain.length())];
        pointer(plain).get(values);
        Reference.reachabilityFence(plain);
        return values;
    }

    /** Gives an array its values, in 'c' order. */
    static void set(INDArray array, float[] values) {
        if (!isPlain(array) || array.length() != values.length) {
            throw new IllegalArgumentException(values.length + " floats cannot be put into an array of "
                    + array.length() + " that is of another type or has them elsewhere");
        }
        pointer(array).put(values);
        Reference.reachabilityFence(array);
    }

    private static FloatPointer pointer(INDArray array) {
        return new FloatPointer(array.data().pointer()).position(array.offset());
    }

    /** {@return whether the values lie side by side in 'c' order} */
    private static boolean isPlain(INDArray array) {
        return array.dataType() == DataType.FLOAT
                && (array.ordering() == 'c' || array.isVectorOrScalar())
                && array.elementWiseStride() == 1;
    }
}
