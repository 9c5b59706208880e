package org.bncnn.array;

import java.lang.ref.Reference;
import java.nio.FloatBuffer;
import java.util.Objects;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;
import org.nd4j.linalg.api.buffer.DataBuffer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Floats that lie side by side in native memory, and the one way from there to Java arrays and back.
 *
 * <p>Copies are in bulk, which takes a tenth of the time of {@code DataBuffer.asFloat}, and are checked against the
 * bounds. Threads may use it at the same time, on different values or for reading.
 *
 * <p>The array or buffer that owns the values stays alive for as long as this object is reachable. Code that passes
 * {@link #address()} or {@link #pointer()} to native code keeps the object reachable until that code is done; see
 * {@link Reference#reachabilityFence}.
 */
public final class Floats {
    /** Values that an NIO buffer can hold. */
    private static final int LARGEST_BUFFER = Integer.MAX_VALUE / Float.BYTES;

    private final Object owner;
    private final Memory memory;

    /** The same memory; made when it is first needed. */
    private volatile FloatBuffer buffer;

    private Floats(Object owner, long address, long length) {
        if (length < 0 || length > 0 && address == 0) {
            throw new IllegalArgumentException(length + " floats at address " + address);
        }
        this.owner = owner;
        this.memory = new Memory(address, length);
    }

    /**
     * {@return the values of an array, in 'c' order}
     *
     * @param array plain; may be a view, or empty
     * @throws IllegalArgumentException if it is not {@linkplain #isPlain plain}
     * @throws IllegalStateException if it was closed
     */
    public static Floats of(INDArray array) {
        return of(array, 'c');
    }

    /**
     * {@return the values of an array in an order}
     *
     * @param array of floats, contiguous in the order; may be a view, or empty
     * @param order 'c' (the last axis varies fastest) or 'f' (the first)
     * @throws IllegalArgumentException if its type is not {@code FLOAT} or it is not
     *     {@linkplain #isContiguous contiguous}
     * @throws IllegalStateException if it was closed
     */
    public static Floats of(INDArray array, char order) {
        if (array.isEmpty()) {
            return new Floats(array, 0, 0);
        }
        if (!isContiguous(array, order)) {
            throw new IllegalArgumentException("the array's values do not lie side by side in '" + order + "' order");
        }
        return of(array.data(), array.length());
    }

    /**
     * {@return values of a buffer}
     *
     * @param buffer of floats; its offset says where the values begin
     * @param length number of values
     * @throws IllegalArgumentException if its type is not {@code FLOAT} or its memory ends before
     * @throws IllegalStateException if it was closed
     */
    public static Floats of(DataBuffer buffer, long length) {
        if (buffer.dataType() != DataType.FLOAT) {
            throw new IllegalArgumentException("the values are of type " + buffer.dataType());
        }
        Pointer whole = buffer.pointer(); // throws if it was closed
        if (length < 0 || buffer.offset() < 0 || buffer.offset() > whole.limit() - length) {
            throw new IllegalArgumentException(
                    length + " values from " + buffer.offset() + " on lead out of memory of " + whole.limit());
        }
        return new Floats(buffer, whole.address() + buffer.offset() * Float.BYTES, length);
    }

    /**
     * {@return values in memory of a native library, which has to keep it for as long as they are used}
     *
     * @param address of the first value
     * @param length number of values
     * @throws IllegalArgumentException if the address is 0
     */
    public static Floats at(long address, long length) {
        return new Floats(null, address, length);
    }

    /**
     * {@return the values of an array, copied, in 'c' order}
     *
     * @param array of any type and layout
     */
    public static float[] copyOf(INDArray array) {
        return of(plain(array)).read();
    }

    /**
     * {@return a plain array of the same values}: the array itself if it is plain, else a copy
     *
     * @param array of any type and layout
     */
    public static INDArray plain(INDArray array) {
        INDArray floats = array.castTo(DataType.FLOAT);
        return isPlain(floats) ? floats : floats.dup('c');
    }

    /**
     * {@return whether an array's type is {@code FLOAT} and its values lie side by side in 'c' order}
     *
     * @param array any
     */
    public static boolean isPlain(INDArray array) {
        return array.dataType() == DataType.FLOAT && isContiguous(array, 'c');
    }

    /**
     * {@return whether an array's values lie side by side in an order}; {@code ordering()} does not say so
     *
     * @param array of any type
     * @param order 'c' or 'f'
     */
    public static boolean isContiguous(INDArray array, char order) {
        long[] shape = array.shape();
        long[] stride = array.stride();
        long expected = 1;
        boolean contiguous = true;
        for (int i = 0; i < shape.length; i++) {
            int axis = order == 'c' ? shape.length - 1 - i : i;
            contiguous &= shape[axis] == 1 || stride[axis] == expected;
            expected *= shape[axis];
        }
        return contiguous || expected == 0; // empty
    }

    /** {@return the number of values} */
    public long length() {
        return memory.capacity();
    }

    /** {@return the address of the first value; 0 if there is none} */
    public long address() {
        return memory.address();
    }

    /** {@return a pointer to the first value, for native code} */
    public Pointer pointer() {
        return memory;
    }

    /**
     * {@return some of the values, in the same memory}
     *
     * @param from index of the first
     * @param count number of values
     */
    public Floats slice(long from, long count) {
        Objects.checkFromIndexSize(from, count, length());
        return new Floats(owner, address() + from * Float.BYTES, count);
    }

    /** {@return the values, copied} */
    public float[] read() {
        float[] values = new float[Math.toIntExact(length())];
        read(0, values, 0, values.length);
        return values;
    }

    /**
     * Copies values to a Java array.
     *
     * @param from index of the first
     * @param to array they are copied to
     * @param start index in {@code to} of the first
     * @param count number of values
     */
    public void read(long from, float[] to, int start, int count) {
        check(from, to, start, count);
        if (length() > LARGEST_BUFFER) {
            new Memory(address() + from * Float.BYTES, count).get(to, start, count);
        } else if (count > 0) {
            buffer().get((int) from, to, start, count);
        }
        Reference.reachabilityFence(this);
    }

    /**
     * Replaces all values.
     *
     * @param values as many
     * @throws IllegalArgumentException if there are more or fewer
     */
    public void write(float[] values) {
        if (values.length != length()) {
            throw new IllegalArgumentException(values.length + " values for memory of " + length());
        }
        write(0, values, 0, values.length);
    }

    /**
     * Replaces all values.
     *
     * @param values as many, from other memory
     * @throws IllegalArgumentException if there are more or fewer
     */
    public void write(Floats values) {
        if (values.length() != length()) {
            throw new IllegalArgumentException(values.length() + " values for memory of " + length());
        }
        Pointer.memcpy(memory, values.memory, length() * Float.BYTES);
        Reference.reachabilityFence(values);
        Reference.reachabilityFence(this);
    }

    /**
     * {@return whether the values are the same as others, bit for bit}
     *
     * @param other other values
     */
    public boolean hasBitsOf(Floats other) {
        boolean same = length() == other.length() && Pointer.memcmp(memory, other.memory, length() * Float.BYTES) == 0;
        Reference.reachabilityFence(other);
        Reference.reachabilityFence(this);
        return same;
    }

    /**
     * Replaces values by those of a Java array.
     *
     * @param from index of the first
     * @param values array they are copied from
     * @param start index in {@code values} of the first
     * @param count number of values
     */
    public void write(long from, float[] values, int start, int count) {
        check(from, values, start, count);
        if (length() > LARGEST_BUFFER) {
            new Memory(address() + from * Float.BYTES, count).put(values, start, count);
        } else if (count > 0) {
            buffer().put((int) from, values, start, count);
        }
        Reference.reachabilityFence(this);
    }

    private void check(long from, float[] values, int start, int count) {
        Objects.checkFromIndexSize(from, count, length());
        Objects.checkFromIndexSize(start, count, values.length);
    }

    private FloatBuffer buffer() {
        if (buffer == null) {
            buffer = memory.asBuffer();
        }
        return buffer;
    }

    /** A pointer to somebody else's memory, which it does not free. */
    private static final class Memory extends FloatPointer {
        Memory(long address, long length) {
            super((Pointer) null);
            this.address = address;
            this.limit = length;
            this.capacity = length;
        }
    }
}
