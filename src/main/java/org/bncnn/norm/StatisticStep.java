package org.bncnn.norm;

import java.util.List;
import java.util.Map;
import org.bncnn.norm.BatchNormKernel.Statistics;
import org.deeplearning4j.nn.params.BatchNormalizationParamInitializer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A step of one running statistic. DL4J's updater takes it by subtracting the gradient that the layer reports, old −
 * new.
 *
 * <p>A difference of two floats has the precision of the larger. Where the new value is less than half of the old one,
 * old − (old − new) loses digits; for a variance that falls from 1 to 10⁻⁸ it is 0. The layer then writes the value
 * itself, after the update, so that a backward pass without an update moves nothing.
 *
 * @param key name of the parameter that stores the statistic
 * @param left values that the update leaves
 * @param wanted new values
 */
record StatisticStep(String key, double[] left, double[] wanted) {
    /**
     * {@return the steps of mean and variance towards a batch's}, whose gradients are written
     *
     * @param params of the layer
     * @param batch mean and biased variance of the batch
     * @param m number of values per channel
     * @param keep share of the old values that the step keeps
     */
    static List<StatisticStep> towards(
            Normalization norm,
            Map<String, INDArray> params,
            Map<String, INDArray> gradients,
            Statistics batch,
            long m,
            double keep) {
        double[] oldMean = norm.mean(params);
        double[] oldVariance = Parameter.read(params.get(norm.varianceKey()));
        double[] mean = new double[oldMean.length];
        double[] variance = new double[oldMean.length];
        for (int c = 0; c < mean.length; c++) {
            mean[c] = norm.nextMean(oldMean[c], batch.mean()[c], keep);
            variance[c] = norm.nextVariance(oldVariance[c], batch.variance()[c], m, keep);
            oldVariance[c] = norm.start(oldVariance[c]);
        }
        return List.of(
                prepare(BatchNormalizationParamInitializer.GLOBAL_MEAN, gradients, oldMean, mean),
                prepare(norm.varianceKey(), gradients, oldVariance, variance));
    }

    private static StatisticStep prepare(String key, Map<String, INDArray> gradients, double[] old, double[] wanted) {
        INDArray gradient = gradients.get(key);
        double[] rounded = round(wanted, gradient);
        double[] step = round(difference(old, rounded), gradient);
        double[] left = round(difference(old, step), gradient);
        Parameter.write(gradient, step);
        return new StatisticStep(key, left, rounded);
    }

    /**
     * Writes the new values where the update was this step and no more; other workers' gradients may have been added.
     */
    void complete(Map<String, INDArray> params) {
        double[] now = Parameter.read(params.get(key));
        for (int c = 0; c < now.length; c++) {
            if (now[c] == left[c]) {
                now[c] = wanted[c];
            }
        }
        Parameter.write(params.get(key), now);
    }

    private static double[] difference(double[] from, double... by) {
        double[] difference = new double[from.length];
        for (int c = 0; c < from.length; c++) {
            difference[c] = from[c] - by[c];
        }
        return difference;
    }

    /** {@return the nearest numbers of the array's type}, which the array then has */
    private static double[] round(double[] numbers, INDArray array) {
        Parameter.write(array, numbers);
        return Parameter.read(array);
    }
}
