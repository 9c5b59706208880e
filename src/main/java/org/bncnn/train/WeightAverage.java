package org.bncnn.train;

import java.io.IOException;
import org.bncnn.array.Floats;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/**
 * A moving average of a network's parameters, running statistics among them: {@code a ← d·a + (1 − d)·p} after each step. Where steps are large and
 * noisy it does better than the parameters themselves: Polyak &amp; Juditsky (1992); Izmailov et al. (2018), "Averaging Weights Leads to
 * Wider Optima".
 *
 * <p>So that it does not remember the beginning, after t steps d is at most {@code (1 + t) / (10 + t)}.
 */
final class WeightAverage {
    /** What is done with the average in the place of the parameters. */
    @FunctionalInterface
    interface Use {
        void run() throws IOException;
    }

    private final MultiLayerNetwork network;
    private final double decay;
    private final float[] average;
    private int steps;

    /**
     * @param decay d, the share of itself that the average keeps at each step; 0 for the parameters themselves
     * @param average of the steps before; null if there were none
     */
    WeightAverage(MultiLayerNetwork network, double decay, float[] average) {
        this.network = network;
        this.decay = decay;
        this.average = average == null ? values(network) : average.clone();
        this.steps = network.getIterationCount();
    }

    /** Takes in the parameters as they are after the network's last steps, of which there may have been several. */
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

    /** {@return whether it is anything but the parameters themselves} */
    boolean isKept() {
        return decay > 0;
    }

    /** Does something with the average in the place of the network's parameters, which are put back then. */
    void inPlace(Use use) throws IOException {
        float[] parameters = values(network);
        settle();
        try {
            use.run();
        } finally {
            set(parameters);
        }
    }

    /** Puts the average in the place of the network's parameters, for good. */
    void settle() {
        if (isKept()) {
            set(average);
        }
    }

    private void set(float[] values) {
        Floats.of(network.params()).write(values);
    }

    /** {@return a network's parameters, a copy} */
    static float[] values(MultiLayerNetwork network) {
        return Floats.copyOf(network.params());
    }
}
