package org.bncnn.store;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import org.bytedeco.javacpp.indexer.HalfIndexer;
import org.nd4j.linalg.api.buffer.DataBuffer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The types of values that are read, little-endian, in the order in which files have their tensors: those with the widest values first, so
 * that all are aligned.
 */
enum SafetensorsType {
    I64(Long.BYTES),
    F64(Double.BYTES),
    F32(Float.BYTES),
    /** The upper half of an F32. */
    BF16(Short.BYTES),
    F16(Short.BYTES);

    private final int bytes;

    SafetensorsType(int bytes) {
        this.bytes = bytes;
    }

    /** {@return how many bytes a value takes} */
    int bytes() {
        return bytes;
    }

    /**
     * {@return the type that an array is written as}
     *
     * @throws IllegalArgumentException if there is none
     */
    static SafetensorsType of(INDArray array) {
        return switch (array.dataType()) {
            case LONG -> I64;
            case DOUBLE -> F64;
            case FLOAT -> F32;
            default ->
                throw new IllegalArgumentException("is of " + array.dataType() + ", not of FLOAT, DOUBLE or LONG");
        };
    }

    /** {@return the next array of a stream}, which has as many values; F16 and BF16 become float, which holds them exactly */
    INDArray read(DataInputStream in, long[] shape, int length) throws IOException {
        INDArray array = switch (this) {
            case I64 -> Nd4j.createFromArray(readLongs(in, length));
            case F64 -> Nd4j.createFromArray(readDoubles(in, length));
            case F32, F16, BF16 -> Nd4j.createFromArray(readFloats(in, length));
        };
        return array.reshape('c', shape);
    }

    private static long[] readLongs(DataInputStream in, int length) throws IOException {
        long[] values = new long[length];
        for (int i = 0; i < length; i++) {
            values[i] = Long.reverseBytes(in.readLong());
        }
        return values;
    }

    private static double[] readDoubles(DataInputStream in, int length) throws IOException {
        double[] values = new double[length];
        for (int i = 0; i < length; i++) {
            values[i] = Double.longBitsToDouble(Long.reverseBytes(in.readLong()));
        }
        return values;
    }

    private float[] readFloats(DataInputStream in, int length) throws IOException {
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = readFloat(in);
        }
        return values;
    }

    private float readFloat(DataInputStream in) throws IOException {
        if (this == F32) {
            return Float.intBitsToFloat(Integer.reverseBytes(in.readInt()));
        }
        short half = Short.reverseBytes(in.readShort());
        return this == BF16 ? Float.intBitsToFloat(half << Short.SIZE) : HalfIndexer.toFloat(half);
    }

    /** Writes an array of a type that {@link #of} knows, in 'c' order. */
    static void write(INDArray array, DataOutputStream out) throws IOException {
        SafetensorsType type = of(array);
        DataBuffer values = array.dup('c').data();
        for (long i = 0; i < values.length(); i++) {
            if (type == I64) {
                out.writeLong(Long.reverseBytes(values.getLong(i)));
            } else if (type == F64) {
                out.writeLong(Long.reverseBytes(Double.doubleToRawLongBits(values.getDouble(i))));
            } else {
                out.writeInt(Integer.reverseBytes(Float.floatToRawIntBits(values.getFloat(i))));
            }
        }
    }

    /** @throws IllegalArgumentException if an array has a value that is not finite */
    static void checkFinite(INDArray array) {
        DataBuffer values = array.dup('c').data();
        for (long i = 0; i < values.length(); i++) {
            if (!Double.isFinite(values.getDouble(i))) {
                throw new IllegalArgumentException("has the value " + values.getDouble(i) + " at " + i);
            }
        }
    }
}
