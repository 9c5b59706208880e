package org.bncnn.compare;

import java.util.List;
import org.bncnn.train.EpochResult;
import org.bncnn.train.Provenance;

/**
 * What {@code bncnn compare} found.
 *
 * @param provenance code, data and machine
 * @param parityBatches number of batches that the parity was measured on
 * @param parity parity of the custom layer with the built-in one; empty unless both were compared
 * @param speed speed of the layers alone; empty unless both were compared
 * @param training trainings, one for each norm
 * @param verdict sentences that sum it up
 */
public record Comparison(
        Provenance provenance,
        int parityBatches,
        List<LayerParity> parity,
        List<LayerSpeed> speed,
        List<NormTraining> training,
        List<String> verdict) {
    /** Copies the lists. */
    public Comparison {
        parity = List.copyOf(parity);
        speed = List.copyOf(speed);
        training = List.copyOf(training);
        verdict = List.copyOf(verdict);
    }

    /**
     * How far the custom layer is from the built-in one at one place of the network, over a number of real batches.
     *
     * @param layer name of the layer
     * @param shape shape of its input
     * @param quantities quantities that are the same by definition, so that any difference is an error of either layer
     * @param runningVariance the quantity that is meant to differ
     */
    public record LayerParity(
            String layer, List<Long> shape, List<Quantity> quantities, RunningVariance runningVariance) {}

    /**
     * One thing that both layers compute.
     *
     * @param name name of the quantity
     * @param maxAbsolute the largest difference between the layers
     * @param relative L2 norm of the difference, relative to that of the built-in layer's numbers
     * @param builtinError the built-in layer's relative distance from Algorithm 1 in double precision
     * @param customError the custom layer's
     */
    public record Quantity(String name, double maxAbsolute, double relative, double builtinError, double customError) {}

    /**
     * The built-in layer averages the biased variance, the custom layer the unbiased one.
     *
     * @param valuesPerChannel m
     * @param factor m/(m − 1), by which the averaged variances differ
     * @param relative relative distance between both layers' running variance, after all batches
     */
    public record RunningVariance(long valuesPerChannel, double factor, double relative) {
        /** {@return m − 1, by which the unbiased variance divides} */
        public long degreesOfFreedom() {
            return valuesPerChannel - 1;
        }
    }

    /**
     * How fast one implementation of the layer is by itself, in training.
     *
     * @param shape shape of its input
     * @param implementation what ran
     * @param forwardMicros median time of a forward pass, in µs
     * @param backwardMicros median time of a backward pass, in µs
     * @param arrays memory that both passes allocate in the workspace, output and input gradient included, in units of
     *     the input's size
     */
    public record LayerSpeed(
            List<Long> shape, String implementation, double forwardMicros, double backwardMicros, double arrays) {
        /** The implementation that is ours. */
        static final String CUSTOM = "custom layer";

        /** {@return whether it is the custom layer's speed, not the built-in one's} */
        public boolean ofCustom() {
            return implementation.equals(CUSTOM);
        }

        /** {@return the time of both passes, in µs} */
        public double micros() {
            return forwardMicros + backwardMicros;
        }
    }

    /**
     * The training of the network with one norm.
     *
     * @param norm name of the norm
     * @param layers name and classes of each layer that ran as batch normalization
     * @param epochs results of the epochs
     * @param completed whether it was trained to its last epoch
     * @param testAccuracy accuracy at the end, 0 to 1
     */
    public record NormTraining(
            String norm, List<String> layers, List<EpochResult> epochs, boolean completed, double testAccuracy) {}
}
