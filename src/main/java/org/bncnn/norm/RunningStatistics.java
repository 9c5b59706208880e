package org.bncnn.norm;

import java.util.Map;
import org.bncnn.norm.BatchNormKernel.Statistics;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The running statistics of a layer, kept as parameters.
 *
 * @param configuration says how they are kept and how they move
 * @param params of the layer
 */
record RunningStatistics(BatchNorm configuration, Map<String, INDArray> params) {
    /** {@return what they are} */
    Statistics read() {
        double[] variance = Parameter.read(params.get(configuration.varianceKey()));
        if (configuration.isUseLogStd()) {
            for (int c = 0; c < variance.length; c++) {
                variance[c] = Log10Std.variance(variance[c]);
            }
        }
        return new Statistics(Parameter.read(params.get(BatchNormParamInitializer.MEAN)), variance);
    }

    /**
     * Leaves old − new where their gradients are, which the updater then subtracts.
     *
     * @param batch mean and biased variance of a batch
     * @param m its values per channel
     * @param batchesBefore how many batches were averaged already
     */
    void moveTowards(Statistics batch, long m, int batchesBefore, Map<String, INDArray> gradients) {
        Statistics running = read();
        double keep =
                configuration.isCumulativeAverage() ? batchesBefore / (batchesBefore + 1.0) : configuration.getDecay();
        double[] mean = new double[batch.mean().length];
        double[] variance = new double[mean.length];
        for (int c = 0; c < mean.length; c++) {
            mean[c] = (1 - keep) * (running.mean()[c] - batch.mean()[c]);
            double unbiased = batch.variance()[c] * m / (m - 1); // Algorithm 2, line 10
            variance[c] = varianceStep(running.variance()[c], keep * running.variance()[c] + (1 - keep) * unbiased);
        }
        Parameter.write(gradients.get(BatchNormParamInitializer.MEAN), mean);
        Parameter.write(gradients.get(configuration.varianceKey()), variance);
    }

    /** Leaves 0 where their gradients are. */
    void stay(Map<String, INDArray> gradients) {
        gradients.get(BatchNormParamInitializer.MEAN).assign(0);
        gradients.get(configuration.varianceKey()).assign(0);
    }

    /** A channel that is constant for long has a variance that fades away; it stops at 0, or where its logarithm still is a number. */
    private double varianceStep(double from, double to) {
        if (configuration.isUseLogStd()) {
            return Log10Std.of(Math.max(from, Float.MIN_NORMAL) / Math.max(to, Float.MIN_NORMAL));
        }
        return to < Float.MIN_NORMAL ? from : from - to;
    }
}
