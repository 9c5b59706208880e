package org.bncnn.bench.layer;

import java.util.Random;
import java.util.stream.Stream;

/**
 * A batch of feature maps and the gradient of the loss with respect to the layer's output, both standard normal.
 *
 * @param shape [N, C, H, W]
 * @param input one float an element, W running fastest
 * @param outputGradient as {@code input}
 */
record Batch(long[] shape, float[] input, float[] outputGradient) {
    private static final long SEED = 7;

    /** {@return the same batch whenever the shape, such as {@code 64x16x24x24}, is the same} */
    static Batch random(String shape) {
        long[] sizes = Stream.of(shape.split("x")).mapToLong(Long::parseLong).toArray();
        Random random = new Random(SEED);
        return new Batch(sizes, normal(sizes, random), normal(sizes, random));
    }

    int channels() {
        return (int) shape[1];
    }

    /** {@return how many elements of a channel lie side by side: H · W} */
    int plane() {
        return (int) (shape[2] * shape[3]);
    }

    private static float[] normal(long[] shape, Random random) {
        float[] values = new float[(int) (shape[0] * shape[1] * shape[2] * shape[3])];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }
}
