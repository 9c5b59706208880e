package org.bncnn.store;

import java.util.Arrays;

/** Shapes that files claim, before any array is made of them. */
final class TensorShape {
    /** ND4J's limit. */
    static final int LARGEST_RANK = 32;

    /** One for each byte of the largest file that is read. */
    private static final long MOST_VALUES = 1L << 30;

    private TensorShape() {}

    /** {@return how many values a shape has}, without overflow; −1 if it is not one of an array that may be read */
    static long values(long... shape) {
        if (shape.length > LARGEST_RANK) {
            return -1;
        }
        long product = 1;
        for (long size : shape) {
            // As 1, a dimension of 0 does not hide how large the others are.
            long factor = Math.max(size, 1);
            if (size < 0 || product > MOST_VALUES / factor) {
                return -1;
            }
            product *= factor;
        }
        return Arrays.stream(shape).anyMatch(size -> size == 0) ? 0 : product;
    }
}
