package org.bncnn.norm;

/**
 * The loops of {@link FloatKernel}, in the shape that HotSpot's compiler turns into vector instructions: no branch, and
 * one index for all arrays. It may not change the order in which floats are added, so sums are kept in many lanes,
 * which also keeps them accurate: each lane adds up only a small share of the values.
 *
 * <p>Means, scales and shifts are one number for all lanes, in a loop of its own that is a quarter faster, or one each.
 */
final class FloatLoops {
    /** Times this and once more, any positive float is at least 1, which makes it a mask. */
    private static final float HUGE = Float.MAX_VALUE;

    private FloatLoops() {}

    /** sums ← sums + (x − pivot). */
    static void addDifferences(float[] sums, float[] x, float[] pivot, int length) {
        if (pivot.length == 1) {
            float p = pivot[0];
            for (int i = 0; i < length; i++) {
                sums[i] += x[i] - p;
            }
        } else {
            for (int i = 0; i < length; i++) {
                sums[i] += x[i] - pivot[i];
            }
        }
    }

    /** sums ← sums + (x − mean)². */
    static void addSquares(float[] sums, float[] x, float[] mean, int length) {
        if (mean.length == 1) {
            float m = mean[0];
            for (int i = 0; i < length; i++) {
                sums[i] += (x[i] - m) * (x[i] - m);
            }
        } else {
            for (int i = 0; i < length; i++) {
                sums[i] += (x[i] - mean[i]) * (x[i] - mean[i]);
            }
        }
    }

    /** sums ← sums + dy, products ← products + dy·(x − mean). */
    static void addGradients(float[] sums, float[] products, float[] dy, float[] x, float[] mean, int length) {
        if (mean.length == 1) {
            float m = mean[0];
            for (int i = 0; i < length; i++) {
                sums[i] += dy[i];
                products[i] += dy[i] * (x[i] - m);
            }
        } else {
            for (int i = 0; i < length; i++) {
                sums[i] += dy[i];
                products[i] += dy[i] * (x[i] - mean[i]);
            }
        }
    }

    /** x ← (x − mean)·scale + shift. */
    static void normalize(float[] x, float[] mean, float[] scale, float[] shift, int length) {
        if (mean.length == 1) {
            float m = mean[0];
            float a = scale[0];
            float b = shift[0];
            for (int i = 0; i < length; i++) {
                x[i] = (x[i] - m) * a + b;
            }
        } else {
            for (int i = 0; i < length; i++) {
                x[i] = (x[i] - mean[i]) * scale[i] + shift[i];
            }
        }
    }

    /** x ← max(x, 0). */
    static void relu(float[] x, int length) {
        for (int i = 0; i < length; i++) {
            x[i] = Math.max(x[i], 0);
        }
    }

    /** dy ← dy where (x − mean)·scale + shift is positive, 0 elsewhere: the derivative of ReLU. */
    static void maskByRelu(float[] dy, float[] x, float[] mean, float[] scale, float[] shift, int length) {
        if (mean.length == 1) {
            float m = mean[0];
            float a = scale[0];
            float b = shift[0];
            for (int i = 0; i < length; i++) {
                dy[i] *= Math.min(Math.max(((x[i] - m) * a + b) * HUGE * HUGE, 0), 1);
            }
        } else {
            for (int i = 0; i < length; i++) {
                dy[i] *= Math.min(Math.max(((x[i] - mean[i]) * scale[i] + shift[i]) * HUGE * HUGE, 0), 1);
            }
        }
    }

    /** dy ← (dy − meanDy − (x − mean)·slope)·scale. */
    static void inputGradient(
            float[] dy, float[] x, float[] mean, float[] meanDy, float[] slope, float[] scale, int length) {
        if (mean.length == 1) {
            float m = mean[0];
            float d = meanDy[0];
            float t = slope[0];
            float a = scale[0];
            for (int i = 0; i < length; i++) {
                dy[i] = (dy[i] - d - (x[i] - m) * t) * a;
            }
        } else {
            for (int i = 0; i < length; i++) {
                dy[i] = (dy[i] - meanDy[i] - (x[i] - mean[i]) * slope[i]) * scale[i];
            }
        }
    }

    /**
     * Adds up the lanes of each channel; the lanes are 0 again after that.
     *
     * @param sums lane i belongs to channel i modulo {@code totals.length}; for one channel a multiple of four
     * @param totals one for each channel, added to
     */
    static void drain(float[] sums, double[] totals) {
        if (totals.length == 1) {
            totals[0] += total(sums);
        } else {
            for (int start = 0; start < sums.length; start += totals.length) {
                for (int c = 0; c < totals.length; c++) {
                    totals[c] += sums[start + c];
                }
            }
        }
        for (int i = 0; i < sums.length; i++) {
            sums[i] = 0;
        }
    }

    /** Four sums in turn, so that each addition need not wait for the one before. */
    private static double total(float[] sums) {
        double a = 0;
        double b = 0;
        double c = 0;
        double d = 0;
        for (int i = 0; i < sums.length; i += 4) {
            a += sums[i];
            b += sums[i + 1];
            c += sums[i + 2];
            d += sums[i + 3];
        }
        return (a + b) + (c + d);
    }
}
