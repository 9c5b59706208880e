package org.bncnn.engine;

import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A stretch of native memory that belongs to somebody else, as floats; access beyond its end throws. */
final class Floats extends FloatPointer {
    /** So many values are looked at at a time. */
    private static final int BLOCK = 4096;

    /** All bits but the sign. */
    private static final int MAGNITUDE = Integer.MAX_VALUE;

    Floats(long address, long length) {
        super((Pointer) null);
        this.address = address;
        this.limit = length;
        this.capacity = length;
    }

    /** {@return where an array's first value is}; the address a buffer tells is its root's, so that a view's offset comes on top */
    static long addressOf(INDArray array) {
        return array.data().address() + array.offset() * Float.BYTES;
    }

    /** {@return an array's values}, which lie side by side */
    static Floats of(INDArray array) {
        return new Floats(addressOf(array), array.length());
    }

    /** {@return an array with the values side by side in 'c' order, as floats}: itself if it has them so, else a copy */
    static INDArray plain(INDArray array) {
        INDArray floats = array.castTo(DataType.FLOAT);
        return ParameterMemory.isContiguous(floats, 'c') ? floats : floats.dup('c');
    }

    /** {@return the values, copied} */
    float[] read() {
        float[] values = new float[Math.toIntExact(capacity)];
        get(values);
        return values;
    }

    /** {@return the largest magnitude of the values; NaN if one of them is} */
    float magnitude() {
        float[] block = new float[(int) Math.min(capacity, BLOCK)];
        int largest = 0;
        for (long done = 0; done < capacity; done += block.length) {
            int count = (int) Math.min(block.length, capacity - done);
            new Floats(address + done * Float.BYTES, count).get(block, 0, count);
            largest = Math.max(largest, largestBits(block, count));
        }
        return Float.intBitsToFloat(largest);
    }

    /** {@return the largest magnitude of some values; NaN if one of them is} */
    static float magnitude(float... values) {
        return Float.intBitsToFloat(largestBits(values, values.length));
    }

    /** {@return the bits of the largest magnitude}: magnitudes are in the order of their bits, and those of a NaN are above infinity's. */
    private static int largestBits(float[] values, int count) {
        int largest = 0;
        for (int i = 0; i < count; i++) {
            largest = Math.max(largest, Float.floatToRawIntBits(values[i]) & MAGNITUDE);
        }
        return largest;
    }

    /** Overwrites the values from the first on. */
    void write(float[] values) {
        if (values.length > capacity) {
            throw new IndexOutOfBoundsException(values.length + " values into memory of " + capacity);
        }
        put(values);
    }
}
