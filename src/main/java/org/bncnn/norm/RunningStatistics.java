package org.bncnn.norm;

import java.util.List;
import java.util.Map;
import org.bncnn.norm.BatchNormKernel.Statistics;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The running statistics of a layer, kept as parameters. The variance of a channel that is constant for long fades away; it becomes 0
 * before it is too small for a normal number, and its logarithm stops there.
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
     * @return the steps, to be completed after the update
     */
    List<StatisticStep> moveTowards(Statistics batch, long m, int batchesBefore, Map<String, INDArray> gradients) {
        Statistics running = read();
        double keep =
                configuration.isCumulativeAverage() ? batchesBefore / (batchesBefore + 1.0) : configuration.getDecay();
        double[] mean = new double[batch.mean().length];
        double[] from = Parameter.read(params.get(configuration.varianceKey()));
        double[] to = new double[mean.length];
        for (int c = 0; c < mean.length; c++) {
            mean[c] = keep * running.mean()[c] + (1 - keep) * batch.mean()[c];
            double unbiased = batch.variance()[c] * m / (m - 1); // Algorithm 2, line 10
            double variance = keep * running.variance()[c] + (1 - keep) * unbiased;
            if (configuration.isUseLogStd()) {
                from[c] = Math.max(from[c], Log10Std.of(Float.MIN_NORMAL));
                to[c] = Log10Std.of(Math.max(variance, Float.MIN_NORMAL));
            } else {
                to[c] = variance < Float.MIN_NORMAL ? 0 : variance;
            }
        }
        return List.of(
                StatisticStep.prepare(BatchNormParamInitializer.MEAN, gradients, running.mean(), mean),
                StatisticStep.prepare(configuration.varianceKey(), gradients, from, to));
    }

    /** Leaves 0 where their gradients are. */
    void stay(Map<String, INDArray> gradients) {
        gradients.get(BatchNormParamInitializer.MEAN).assign(0);
        gradients.get(configuration.varianceKey()).assign(0);
    }
}
