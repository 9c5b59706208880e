package org.bncnn.weights;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.channels.Channels;
import java.util.Arrays;
import org.bytedeco.javacpp.indexer.HalfIndexer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.shape.Shape;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The types of values in files of weights, by their names in safetensors. Its files have their tensors in this order,
 * the widest values first, so that all are aligned.
 */
enum TensorType {
    I64(DataType.INT64, Long.BYTES),
    F64(DataType.DOUBLE, Double.BYTES),
    F32(DataType.FLOAT, Float.BYTES),
    I32(DataType.INT32, Integer.BYTES),
    /** The upper half of an F32. */
    BF16(DataType.FLOAT, Short.BYTES),
    F16(DataType.FLOAT, Short.BYTES),
    I16(DataType.INT16, Short.BYTES),
    I8(DataType.INT8, Byte.BYTES),
    U8(DataType.UINT8, Byte.BYTES),
    BOOL(DataType.BOOL, Byte.BYTES);

    /** Bytes, a multiple of each type's size, that fit into a core's cache and into what malloc has at hand. */
    private static final int CHUNK = 1 << 16;

    private final DataType array;
    private final int bytes;

    TensorType(DataType array, int bytes) {
        this.array = array;
        this.bytes = bytes;
    }

    /** {@return the number of bytes of a value in a file} */
    int bytes() {
        return bytes;
    }

    /** {@return the number of bytes of a value in memory}; F16 and BF16 become {@code FLOAT}, without loss */
    int arrayBytes() {
        return array.width();
    }

    boolean isFloatingPoint() {
        return array.isFPType();
    }

    /**
     * {@return the type that an array is written as}
     *
     * @throws IllegalArgumentException if there is none
     */
    static TensorType of(INDArray array) {
        return Arrays.stream(values())
                .filter(type -> type.array == array.dataType() && type.bytes == type.arrayBytes())
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "is of " + array.dataType() + ", which is not a type that can be written"));
    }

    /**
     * {@return the next values of a stream as an array}
     *
     * @param shape may have a dimension of 0, and then nothing is read
     */
    INDArray read(InputStream in, ByteOrder order, long... shape) throws IOException {
        if (Arrays.stream(shape).anyMatch(size -> size == 0)) {
            return Nd4j.create(array, shape);
        }
        INDArray values = Nd4j.createUninitialized(array, shape, 'c');
        ByteBuffer target = values.data().asNio();
        byte[] chunk = new byte[(int) Math.min(CHUNK, values.length() * bytes)];
        for (long left = values.length() * bytes; left > 0; left -= chunk.length) {
            int length = (int) Math.min(chunk.length, left);
            if (in.readNBytes(chunk, 0, length) < length) {
                throw new EOFException();
            }
            decode(ByteBuffer.wrap(chunk, 0, length).order(order), target);
        }
        return values;
    }

    private void decode(ByteBuffer source, ByteBuffer target) {
        int values = source.remaining() / bytes;
        switch (this) {
            case I64, F64 -> target.asLongBuffer().put(source.asLongBuffer());
            case F32, I32 -> target.asIntBuffer().put(source.asIntBuffer());
            case I16 -> target.asShortBuffer().put(source.asShortBuffer());
            case I8, U8, BOOL -> target.duplicate().put(source);
            case BF16 -> widenBfloat16(source, target);
            case F16 -> widenFloat16(source, target);
        }
        target.position(target.position() + values * arrayBytes());
    }

    private static void widenBfloat16(ByteBuffer source, ByteBuffer target) {
        int begin = target.position();
        for (int i = 0; i < source.remaining() / Short.BYTES; i++) {
            target.putInt(begin + i * Integer.BYTES, source.getShort(i * Short.BYTES) << Short.SIZE);
        }
    }

    private static void widenFloat16(ByteBuffer source, ByteBuffer target) {
        int begin = target.position();
        for (int i = 0; i < source.remaining() / Short.BYTES; i++) {
            int bits = Short.toUnsignedInt(source.getShort(i * Short.BYTES));
            target.putFloat(begin + i * Float.BYTES, Halves.FLOATS[bits]);
        }
    }

    /** All values of F16, by their bits: twice as fast as to compute each. */
    private static final class Halves {
        static final float[] FLOATS = new float[1 << Short.SIZE];

        static {
            for (int i = 0; i < FLOATS.length; i++) {
                FLOATS[i] = HalfIndexer.toFloat(i);
            }
        }
    }

    /** Writes an array of a known type, in 'c' order, little-endian as memory is on all platforms of ND4J. */
    static void write(INDArray array, OutputStream out) throws IOException {
        if (array.isEmpty()) {
            return;
        }
        INDArray values = array.dup('c');
        Channels.newChannel(out).write(values.data().asNio());
        Reference.reachabilityFence(values); // whose memory the buffer alone does not keep
    }

    /** @throws IllegalArgumentException if an array has a value that is not finite */
    static void checkFinite(INDArray array) {
        if (array.isEmpty() || !array.dataType().isFPType()) {
            return;
        }
        INDArray values = !array.isView() && Shape.hasDefaultStridesForShape(array) ? array : array.dup('c');
        if (array.dataType() == DataType.DOUBLE) {
            checkFinite(values.data().asNio().asDoubleBuffer());
        } else {
            checkFinite(values.data().asNio().asFloatBuffer());
        }
        Reference.reachabilityFence(values);
    }

    private static void checkFinite(DoubleBuffer values) {
        for (int i = 0; i < values.limit(); i++) {
            if (!Double.isFinite(values.get(i))) {
                throw notFinite(values.get(i), i);
            }
        }
    }

    private static void checkFinite(FloatBuffer values) {
        for (int i = 0; i < values.limit(); i++) {
            if (!Float.isFinite(values.get(i))) {
                throw notFinite(values.get(i), i);
            }
        }
    }

    private static IllegalArgumentException notFinite(double value, int place) {
        return new IllegalArgumentException("has the value " + value + " at " + place);
    }
}
