package org.bncnn.bench;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.bncnn.model.Norm;
import org.bncnn.model.ReferenceCnn;

/**
 * The weights that every contender's network starts from, so that all can be held to the same results.
 *
 * <p>Their names and shapes are those of PyTorch's {@code state_dict}: {@code conv1.weight} [out, in, H, W], {@code fc1.weight} [out,
 * in], {@code bn1.weight} is γ, {@code bn1.bias} is β. Running statistics are drawn too: 0 and 1 would hide a mistake.
 */
public final class Weights {
    /** The share of the old running statistic that a step keeps. */
    public static final double BN_DECAY = ReferenceCnn.BN_DECAY;

    /** The stability constant of batch normalization. */
    public static final double BN_EPS = ReferenceCnn.BN_EPS;

    private static final long SEED = 1;

    private final Random random = new Random(SEED);
    private final Map<String, Tensor> byName = new LinkedHashMap<>();
    private final boolean normalized;

    private Weights(boolean normalized) {
        this.normalized = normalized;
    }

    /** {@return the weights of the reference CNN, the same whenever norm and workload are the same} */
    static Weights draw(Norm norm, Workload workload) {
        Weights weights = new Weights(norm != Norm.NONE);
        int conv1 = ReferenceCnn.CONV1_CHANNELS * workload.width();
        int conv2 = ReferenceCnn.CONV2_CHANNELS * workload.width();
        int kernel = ReferenceCnn.KERNEL;
        int pooled = pooled(pooled(workload.side()));
        weights.hidden("1", "conv1", conv1, workload.channels(), kernel, kernel);
        weights.hidden("2", "conv2", conv2, conv1, kernel, kernel);
        weights.hidden("3", "fc1", ReferenceCnn.DENSE_UNITS, conv2 * pooled * pooled);
        weights.linear("fc2", true, workload.classes(), ReferenceCnn.DENSE_UNITS);
        return weights;
    }

    /** {@return all of them, in the network's order} */
    public Map<String, Tensor> byName() {
        return Collections.unmodifiableMap(byName);
    }

    private static int pooled(int side) {
        return (side - ReferenceCnn.KERNEL + 1) / ReferenceCnn.POOL;
    }

    private void hidden(String position, String layer, long... shape) {
        linear(layer, !normalized, shape);
        if (normalized) {
            String bn = "bn" + position;
            add(bn + ".weight", 0.5, 1.5, shape[0]);
            add(bn + ".bias", -0.5, 0.5, shape[0]);
            add(bn + ".running_mean", -0.5, 0.5, shape[0]);
            add(bn + ".running_var", 0.5, 1.5, shape[0]);
        }
    }

    /** As PyTorch initialises a linear map: U(−1/√fan_in, +1/√fan_in). */
    private void linear(String layer, boolean bias, long... shape) {
        double bound = Math.sqrt((double) shape[0] / length(shape));
        add(layer + ".weight", -bound, bound, shape);
        if (bias) {
            add(layer + ".bias", -bound, bound, shape[0]);
        }
    }

    private void add(String name, double from, double to, long... shape) {
        float[] values = new float[(int) length(shape)];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (from + (to - from) * random.nextDouble());
        }
        byName.put(name, new Tensor(shape, values));
    }

    private static long length(long[] shape) {
        long length = 1;
        for (long size : shape) {
            length *= size;
        }
        return length;
    }
}
