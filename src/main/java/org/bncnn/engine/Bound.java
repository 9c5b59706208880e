package org.bncnn.engine;

import org.bncnn.array.Floats;

/**
 * A bound of a plan's numbers, known before they are computed: from the largest magnitude of the input and of each
 * stage's weights.
 *
 * <p>oneDNN's ReLU and maximum pooling turn NaN into a number, which hides an overflow. As long as the bound holds,
 * there is none. Where it grows too large, as in a deep network, the numbers themselves are measured.
 */
final class Bound {
    /** Bound of a stage that does not know it. */
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
     * @param src the stage's input
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

    /** Ends the plan's run; its result is not used. */
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

    /** Magnitudes are in the order of their bits; a NaN's are above infinity's. */
    private static int largestBits(float[] values, int count) {
        int largest = 0;
        for (int i = 0; i < count; i++) {
            largest = Math.max(largest, Float.floatToRawIntBits(values[i]) & Integer.MAX_VALUE); // all but the sign
        }
        return largest;
    }
}
