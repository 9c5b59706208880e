package org.bncnn.norm;

import java.util.Arrays;
import java.util.function.IntToDoubleFunction;
import org.bncnn.norm.BatchNormKernel.Affine;
import org.bncnn.norm.BatchNormKernel.Gradients;
import org.bncnn.norm.BatchNormKernel.Statistics;

/**
 * One thread's arithmetic of {@link FloatKernel}. It works through groups of values in blocks that a core's cache
 * holds; a group of one block is read from memory once.
 *
 * <p>It sums differences from each channel's first value. That keeps sums accurate for any offset of the channel, and
 * makes a constant channel exactly β. The loops subtract the float nearest to the mean, which costs values near it no
 * digit. Sums and shifts are then corrected, in double, by the rest of the mean. A group is never divided between
 * threads, so results do not depend on their number.
 */
final class FloatWorker {
    /** Floats in a segment, about: long enough for vector instructions, short enough to add up its lanes quickly. */
    private static final int SEGMENT = 512;

    private final int channels;
    private final FloatBlock x;
    private final FloatBlock dy;
    private final float[] sums;
    private final float[] products;
    private final float[] mean;
    private final float[] scale;
    private final float[] shift;

    /**
     * @param channels of a group, which take turns
     * @param src x, by groups
     * @param diffDst ∂ℓ/∂y, by groups; null for a forward pass
     */
    FloatWorker(int channels, FloatMemory src, FloatMemory diffDst) {
        this.channels = channels;
        int lanes = channels * Math.max(1, SEGMENT / channels);
        int numbers = channels == 1 ? 1 : lanes;
        x = new FloatBlock(src, lanes);
        dy = diffDst == null ? null : new FloatBlock(diffDst, lanes);
        sums = new float[lanes];
        products = new float[lanes];
        mean = new float[numbers];
        scale = new float[numbers];
        shift = new float[numbers];
    }

    /** Algorithm 1, lines 1 and 2: mean and biased variance of a group's channels. */
    void measure(int group, Statistics statistics) {
        int first = group * channels;
        double m = (double) x.total() / channels;
        x.load(group, 0);
        float[] pivots = Arrays.copyOf(x.segment(0), channels);
        spread(mean, c -> pivots[c]);
        double[] differences = total(group, FloatLoops::addDifferences);
        for (int c = 0; c < channels; c++) {
            statistics.mean()[first + c] = pivots[c] + differences[c] / m;
        }
        spread(mean, c -> statistics.mean()[first + c]);
        double[] squares = total(group, FloatLoops::addSquares);
        for (int c = 0; c < channels; c++) {
            double rest = rest(statistics, first + c);
            statistics.variance()[first + c] = Math.max(0, squares[c] / m - rest * rest);
        }
    }

    /** {@return each channel's sum of what a loop adds for a group's values} */
    private double[] total(int group, Sum loop) {
        double[] totals = new double[channels];
        for (int block = 0; block < x.blocks(); block++) {
            x.load(group, block);
            for (int s = 0; s < x.segments(); s++) {
                loop.add(sums, x.segment(s), mean, x.length(s));
            }
            FloatLoops.drain(sums, totals);
        }
        return totals;
    }

    /** A loop that adds something of the values to their lanes' sums. */
    @FunctionalInterface
    private interface Sum {
        void add(float[] sums, float[] x, float[] mean, int length);
    }

    /** Algorithm 1, lines 3 and 4, or Algorithm 2, line 11. */
    void normalize(int group, Statistics statistics, Affine affine, FloatMemory dst) {
        spreadAffine(group, statistics, affine);
        for (int block = 0; block < x.blocks(); block++) {
            x.load(group, block);
            for (int s = 0; s < x.segments(); s++) {
                FloatLoops.normalize(x.segment(s), mean, scale, shift, x.length(s));
                if (affine.relu()) {
                    FloatLoops.relu(x.segment(s), x.length(s));
                }
            }
            x.moveTo(dst);
        }
    }

    /** The gradients of §3, with ∂ℓ/∂σ² and ∂ℓ/∂μ put into ∂ℓ/∂x: γ/√(σ² + ε)·(∂ℓ/∂y − ∂ℓ/∂β/m − x̂·∂ℓ/∂γ/m). */
    void backward(
            int group,
            Statistics statistics,
            boolean ofBatch,
            Affine affine,
            Gradients gradients,
            FloatMemory diffSrc) {
        int first = group * channels;
        double m = (double) x.total() / channels;
        spreadAffine(group, statistics, affine);
        double[] dyTotals = new double[channels];
        double[] productTotals = new double[channels];
        for (int block = 0; block < x.blocks(); block++) {
            load(group, block, affine.relu());
            for (int s = 0; s < x.segments(); s++) {
                FloatLoops.addGradients(sums, products, dy.segment(s), x.segment(s), mean, x.length(s));
            }
            FloatLoops.drain(sums, dyTotals);
            FloatLoops.drain(products, productTotals);
        }
        for (int c = 0; c < channels; c++) {
            gradients.beta()[first + c] = dyTotals[c];
            double product = productTotals[c] - rest(statistics, first + c) * dyTotals[c];
            gradients.gamma()[first + c] = product * affine.inverseStd(statistics, first + c);
        }
        float[] meanDy = new float[mean.length];
        float[] slope = new float[mean.length];
        if (ofBatch) {
            spread(slope, c -> gradients.gamma()[first + c] * affine.inverseStd(statistics, first + c) / m);
            spread(meanDy, c -> dyTotals[c] / m - rest(statistics, first + c) * slope[c]);
        }
        for (int block = 0; block < x.blocks(); block++) {
            load(group, block, affine.relu());
            for (int s = 0; s < x.segments(); s++) {
                FloatLoops.inputGradient(dy.segment(s), x.segment(s), mean, meanDy, slope, scale, x.length(s));
            }
            dy.moveTo(diffSrc);
        }
    }

    /** Loads x and ∂ℓ/∂y, the latter through a fused ReLU. */
    private void load(int group, int block, boolean relu) {
        x.load(group, block);
        if (dy.load(group, block) && relu) {
            for (int s = 0; s < x.segments(); s++) {
                FloatLoops.maskByRelu(dy.segment(s), x.segment(s), mean, scale, shift, x.length(s));
            }
        }
    }

    private void spreadAffine(int group, Statistics statistics, Affine affine) {
        int first = group * channels;
        spread(mean, c -> statistics.mean()[first + c]);
        spread(scale, c -> affine.gamma()[first + c] * affine.inverseStd(statistics, first + c));
        spread(shift, c -> affine.beta()[first + c] - rest(statistics, first + c) * scale[c]);
    }

    /** {@return the part of a channel's mean that a float leaves out}; 0 if the mean is not a finite float */
    private static double rest(Statistics statistics, int channel) {
        double mean = statistics.mean()[channel];
        return Float.isFinite((float) mean) ? mean - (float) mean : 0;
    }

    /** Gives each lane the value of its channel; one value does for all if there is but one channel. */
    private void spread(float[] target, IntToDoubleFunction valueOfChannel) {
        for (int c = 0; c < channels; c++) {
            target[c] = (float) valueOfChannel.applyAsDouble(c);
        }
        for (int done = channels; done < target.length; done += channels) {
            System.arraycopy(target, 0, target, done, channels);
        }
    }
}
