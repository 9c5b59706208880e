package org.bncnn.engine;

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
            float measured = src.floats().magnitude();
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
}
