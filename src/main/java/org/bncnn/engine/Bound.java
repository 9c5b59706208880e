package org.bncnn.engine;

import org.bncnn.array.Floats;

/**
 * How large a plan's numbers can be, known before they are computed: from the largest magnitude of the input and of each stage's
 * weights.
 *
 * <p>oneDNN's ReLU and maximum pooling make a number of NaN, so that an overflow does not show in the result. As long as the bound holds,
 * there is none. Where it grows too large, as it does in a deep network, the numbers themselves are looked at.
 */
final class Bound {
    /** What a stage does not know of what it gives. */
    static final double UNKNOWN = -1;

    /** Far enough from the largest float that no sum on the way overflows. */
    private static final double LIMIT = 1e30;

    /** Values that are looked at at a time. */
    private static final int BLOCK = 4096;

    private double magnitude;
    private boolean exceeded;

    /** @param input the largest magnitude of the plan's input */
    void start(double input) {
        magnitude = input;
        exceeded = !(input <= LIMIT);
    }

    /**
     * Follows a stage that is about to run.
     *
     * @param src what it takes
     */
    void follow(Stage stage, Tensor src) {
        double next = magnitude == UNKNOWN ? Double.NaN : stage.bound(magnitude);
        if (!(next <= LIMIT)) {
            float measured = magnitude(src.floats());
            next = stage.bound(measured);
            exceeded = !(measured <= LIMIT) || !(next <= LIMIT);
        }
        magnitude = next;
    }

    /** Ends the plan's run, whose result is not to be used. */
    void giveUp() {
        exceeded = true;
    }

    /** {@return whether no number of the plan's last run can have overflowed} */
    boolean holds() {
        return !exceeded;
    }

    /** {@return the largest magnitude of some values; NaN if one of them is} */
    static float magnitude(Floats values) {
        float[] block = new float[(int) Math.min(values.length(), BLOCK)];
        int largest = 0;
        for (long done = 0; done < values.length(); done += block.length) {
            int count = (int) Math.min(block.length, values.length() - done);
            values.read(done, block, 0, count);
            largest = Math.max(largest, largestBits(block, count));
        }
        return Float.intBitsToFloat(largest);
    }

    /** {@return the largest magnitude of some values; NaN if one of them is} */
    static float magnitude(float... values) {
        return Float.intBitsToFloat(largestBits(values, values.length));
    }

    /** {@return the bits of the largest magnitude}: magnitudes are in the order of their bits, and those of a NaN are above infinity's. */
    private static int largestBits(float[] values, int count) {
        int largest = 0;
        for (int i = 0; i < count; i++) {
            largest = Math.max(largest, Float.floatToRawIntBits(values[i]) & Integer.MAX_VALUE); // all but the sign
        }
        return largest;
    }
}
