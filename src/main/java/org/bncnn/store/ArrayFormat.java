package org.bncnn.store;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Set;
import org.bytedeco.javacpp.indexer.HalfIndexer;
import org.nd4j.common.util.ArrayUtil;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Arrays as {@link Nd4j#write} writes them: shape information, then values, each after its kind, length and type.
 *
 * <p>{@link Nd4j#read} allocates what the file declares and trusts its strides, so a crafted file exhausts the memory
 * or lets native code read beyond an array's end. Here lengths are compared with the file's own first.
 */
final class ArrayFormat {
    private static final Set<String> KINDS = Set.of("MIXED_DATA_TYPES", "LONG_SHAPE");

    /** Of DL4J before 1.0, with lengths of four bytes. */
    private static final Set<String> OLD_KINDS = Set.of("DIRECT", "HEAP", "JAVACPP");

    private static final int LARGEST_RANK = 32;

    /** Beside rank, shape and strides, the shape information has three numbers: type, element-wise stride, order. */
    private static final int OTHER_NUMBERS = 4;

    private ArrayFormat() {}

    /** The kind, length and type before a run of values. */
    private record Header(long length, DataType type) {
        static Header read(DataInputStream in) throws IOException {
            String kind = in.readUTF();
            if (!KINDS.contains(kind) && !OLD_KINDS.contains(kind)) {
                throw new IOException("it is no array of DL4J");
            }
            long length = KINDS.contains(kind) ? in.readLong() : in.readInt();
            try {
                return new Header(length, DataType.valueOf(in.readUTF()));
            } catch (IllegalArgumentException e) {
                throw new IOException("it is no array of DL4J", e);
            }
        }
    }

    static void write(INDArray array, DataOutputStream out) throws IOException {
        Nd4j.write(array, out);
        out.flush();
    }

    /**
     * {@return the next array of a stream}
     *
     * @param mostBytes that are left in the stream
     * @throws IOException if it is no array of numbers, is longer than that, or has a value that is not finite
     */
    static INDArray read(DataInputStream in, long mostBytes) throws IOException {
        long[] shapeInformation = readShapeInformation(in);
        int rank = (int) shapeInformation[0];
        long[] shape = Arrays.copyOfRange(shapeInformation, 1, 1 + rank);
        Header header = Header.read(in);
        checkLength(shape, header, mostBytes);
        char order = order(shape, Arrays.copyOfRange(shapeInformation, 1 + rank, 1 + 2 * rank));
        return switch (header.type) {
            case DOUBLE -> Nd4j.create(readDoubles(in, header), shape, order);
            case FLOAT, HALF ->
                Nd4j.create(readFloats(in, header), shape, order).castTo(header.type);
            default -> throw new IOException("it is an array of " + header.type + ", not of floating-point numbers");
        };
    }

    private static long[] readShapeInformation(DataInputStream in) throws IOException {
        Header header = Header.read(in);
        if (header.type != DataType.INT64 && header.type != DataType.INT32
                || header.length < OTHER_NUMBERS
                || header.length > 2 * LARGEST_RANK + OTHER_NUMBERS) {
            throw new IOException("it has no shape");
        }
        long[] numbers = new long[(int) header.length];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = header.type == DataType.INT64 ? in.readLong() : in.readInt();
        }
        if (numbers.length != 2 * numbers[0] + OTHER_NUMBERS) {
            throw new IOException("its shape is damaged");
        }
        return numbers;
    }

    private static void checkLength(long[] shape, Header header, long mostBytes) throws IOException {
        if (header.length < 0 || header.length > mostBytes / header.type.width()) {
            throw new IOException("it declares " + header.length + " values, more than there are");
        }
        double product = 1; // exact wherever it equals the length
        for (long size : shape) {
            product *= size < 1 ? Double.NaN : size;
        }
        if (product != header.length) {
            throw new IOException(
                    "its shape " + Arrays.toString(shape) + " is not that of " + header.length + " values");
        }
    }

    private static char order(long[] shape, long[] strides) throws IOException {
        for (char order : new char[] {'c', 'f'}) {
            long[] plain = order == 'c' ? ArrayUtil.calcStrides(shape) : ArrayUtil.calcStridesFortran(shape);
            boolean same = true;
            for (int i = 0; i < shape.length; i++) {
                same &= shape[i] == 1 || strides[i] == plain[i];
            }
            if (same) {
                return order;
            }
        }
        throw new IOException("its values do not lie side by side");
    }

    private static double[] readDoubles(DataInputStream in, Header header) throws IOException {
        double[] values = new double[Math.toIntExact(header.length)];
        for (int i = 0; i < values.length; i++) {
            values[i] = in.readDouble();
            checkFinite(values[i], i);
        }
        return values;
    }

    private static float[] readFloats(DataInputStream in, Header header) throws IOException {
        float[] values = new float[Math.toIntExact(header.length)];
        for (int i = 0; i < values.length; i++) {
            values[i] = header.type == DataType.FLOAT16 ? HalfIndexer.toFloat(in.readShort()) : in.readFloat();
            checkFinite(values[i], i);
        }
        return values;
    }

    private static void checkFinite(double value, int index) throws IOException {
        if (!Double.isFinite(value)) {
            throw new IOException("its value " + index + " is " + value);
        }
    }
}
