package org.bncnn.bench;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.bncnn.model.Norm;
import org.bncnn.model.ReferenceCnn;

/**
 * An initial weight of the reference CNN, apart from any library.
 *
 * @param shape as PyTorch has it, such as [out, in, H, W]
 * @param values the last axis running fastest
 */
public record Weight(long[] shape, float[] values) {
    private static final long SEED = 1;

    /**
     * {@return the weights by their names in PyTorch's {@code state_dict}, in the network's order}, the same whenever
     * norm and workload are the same. {@code bn1.weight} is γ, {@code bn1.bias} is β. Running statistics are drawn too:
     * 0 and 1 would hide a mistake.
     */
    static Map<String, Weight> draw(Norm norm, Workload workload) {
        int conv1 = ReferenceCnn.CONV1_CHANNELS * workload.width();
        int conv2 = ReferenceCnn.CONV2_CHANNELS * workload.width();
        int kernel = ReferenceCnn.KERNEL;
        int pooled = pooled(pooled(workload.side()));
        String[] bn = norm == Norm.NONE ? new String[3] : new String[] {"bn1", "bn2", "bn3"};
        Random random = new Random(SEED);
        Map<String, Weight> weights = new LinkedHashMap<>();
        add(weights, random, "conv1", bn[0], conv1, workload.channels(), kernel, kernel);
        add(weights, random, "conv2", bn[1], conv2, conv1, kernel, kernel);
        add(weights, random, "fc1", bn[2], ReferenceCnn.DENSE_UNITS, conv2 * pooled * pooled);
        add(weights, random, "fc2", null, workload.classes(), ReferenceCnn.DENSE_UNITS);
        return weights;
    }

    private static int pooled(int side) {
        return (side - ReferenceCnn.KERNEL + 1) / ReferenceCnn.POOL;
    }

    /**
     * Adds a linear map as PyTorch initialises it, U(−1/√fan_in, +1/√fan_in).
     *
     * @param bn name of the batch normalization behind it, which takes its bias; null if there is none
     */
    private static void add(Map<String, Weight> weights, Random random, String layer, String bn, long... shape) {
        double bound = Math.sqrt((double) shape[0] / length(shape));
        weights.put(layer + ".weight", uniform(random, -bound, bound, shape));
        if (bn == null) {
            weights.put(layer + ".bias", uniform(random, -bound, bound, shape[0]));
        } else {
            weights.put(bn + ".weight", uniform(random, 0.5, 1.5, shape[0]));
            weights.put(bn + ".bias", uniform(random, -0.5, 0.5, shape[0]));
            weights.put(bn + ".running_mean", uniform(random, -0.5, 0.5, shape[0]));
            weights.put(bn + ".running_var", uniform(random, 0.5, 1.5, shape[0]));
        }
    }

    private static Weight uniform(Random random, double from, double to, long... shape) {
        float[] values = new float[(int) length(shape)];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (from + (to - from) * random.nextDouble());
        }
        return new Weight(shape, values);
    }

    private static long length(long[] shape) {
        return Arrays.stream(shape).reduce(1, (a, b) -> a * b);
    }
}
