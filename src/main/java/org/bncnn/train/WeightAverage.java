package org.bncnn.train;

import java.io.IOException;
import org.bncnn.array.Floats;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/**
 * A moving average of a network's parameters, running statistics among them: {@code a ← d·a + (1 − d)·p} after each
 * step. Where steps are large and noisy it is more accurate than the parameters themselves: Polyak &amp; Juditsky
 * (1992); Izmailov et al. (2018), "Averaging Weights Leads to Wider Optima".
 *
 * <p>To forget the beginning, d is at most {@code (1 + t) / (10 + t)} after t steps.
 */
final class WeightAverage {
    /** Uses the network while it has the average instead of its parameters. */
    @FunctionalInterface
    interface Use<T> {
        T get() throws IOException;
    }

    private final MultiLayerNetwork network;
    private final double decay;
    private final float[] average;
    private int steps;

    /**
     * @param decay d, share of itself that the average keeps at each step; 0 for the parameters themselves
     * @param average the average of the steps before; null if there were none
     */
    WeightAverage(MultiLayerNetwork network, double decay, float[] average) {
        this.network = network;
        this.decay = decay;
        this.average = average == null ? values(network) : average.clone();
        this.steps = network.getIterationCount();
    }

    /** Takes in the parameters after the network's last steps, of which there may have been several. */
    void update() {
        if (!isKept()) {
            return;
        }
        float[] parameters = values(network);
        double kept = 1;
        for (; steps < network.getIterationCount(); steps++) {
            kept *= Math.min(decay, (1.0 + steps) / (10.0 + steps));
        }
        float share = (float) (1 - kept);
        for (int i = 0; i < average.length; i++) {
            average[i] += share * (parameters[i] - average[i]);
        }
    }

    /** {@return whether it differs from the parameters themselves} */
    boolean isKept() {
        return decay > 0;
    }

    /** Uses the average instead of the network's parameters, which are then put back. */
    <T> T inPlace(Use<T> use) throws IOException {
        float[] parameters = values(network);
        settle();
        try {
            return use.get();
        } finally {
            set(parameters);
        }
    }

    /** Replaces the network's parameters with the average, for good. */
    void settle() {
        if (isKept()) {
            set(average);
        }
    }

    private void set(float[] values) {
        Floats.of(network.params()).write(values);
    }

    /** {@return a copy of a network's parameters} */
    static float[] values(MultiLayerNetwork network) {
        return Floats.copyOf(network.params());
    }
}
