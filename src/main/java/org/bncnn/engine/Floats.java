package org.bncnn.engine;

import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A stretch of native memory that belongs to somebody else, as floats; access beyond its end throws. */
final class Floats extends FloatPointer {
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

    /** {@return the values, copied} */
    float[] read() {
        float[] values = new float[Math.toIntExact(capacity)];
        get(values);
        return values;
    }

    /** Overwrites the values from the first on. */
    void write(float[] values) {
        if (values.length > capacity) {
            throw new IndexOutOfBoundsException(values.length + " values into memory of " + capacity);
        }
        put(values);
    }
}
