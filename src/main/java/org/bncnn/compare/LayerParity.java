package org.bncnn.compare;

import java.util.List;

/**
 * How far the custom layer is from the built-in one at one place of the network, over a number of real batches.
 *
 * @param layer its name
 * @param shape of its input
 * @param quantities what is the same by definition, so that any difference is an error of either
 * @param runningVariance what is meant to differ
 */
public record LayerParity(String layer, List<Long> shape, List<Quantity> quantities, RunningVariance runningVariance) {
    public LayerParity {
        shape = List.copyOf(shape);
        quantities = List.copyOf(quantities);
    }

    /**
     * One thing that both layers compute.
     *
     * @param name what it is
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
     * @param relative the relative distance between both layers' running variance, after all batches
     */
    public record RunningVariance(long valuesPerChannel, double factor, double relative) {
        /** {@return m − 1, by which the unbiased variance divides} */
        public long degreesOfFreedom() {
            return valuesPerChannel - 1;
        }
    }
}
