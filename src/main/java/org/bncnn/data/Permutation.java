package org.bncnn.data;

import java.util.Random;
import java.util.stream.IntStream;

/** Orders drawn from a seed. */
final class Permutation {
    private Permutation() {}

    /** {@return the numbers from 0 to n − 1 in an order drawn from a seed, the same on every platform}, because {@link Random} is specified */
    static int[] of(int n, long seed) {
        int[] order = IntStream.range(0, n).toArray();
        Random random = new Random(seed);
        for (int i = n - 1; i > 0; i--) { // Fisher and Yates
            int j = random.nextInt(i + 1);
            int swapped = order[i];
            order[i] = order[j];
            order[j] = swapped;
        }
        return order;
    }
}
