package org.bncnn.compare;

import java.util.List;

/**
 * How fast one implementation of the layer is by itself, in training.
 *
 * @param shape of its input
 * @param implementation what ran
 * @param forwardMicros median time of a forward pass, in µs
 * @param backwardMicros median time of a backward pass, in µs
 * @param arrays what both passes allocate in the workspace, output and input gradient among it, in units of the input's size
 */
public record LayerSpeed(
        List<Long> shape, String implementation, double forwardMicros, double backwardMicros, double arrays) {
    /** The implementation that is ours. */
    static final String CUSTOM = "custom layer";

    public LayerSpeed {
        shape = List.copyOf(shape);
    }

    /** {@return whether it is the custom layer's, not the built-in one's} */
    public boolean ofCustom() {
        return implementation.equals(CUSTOM);
    }

    public double micros() {
        return forwardMicros + backwardMicros;
    }
}
