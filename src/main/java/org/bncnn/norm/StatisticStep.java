package org.bncnn.norm;

import java.util.List;
import java.util.Map;
import org.bncnn.norm.BatchNormKernel.Statistics;
import org.deeplearning4j.nn.params.BatchNormalizationParamInitializer;
import org.nd4j.linalg.api.buffer.DataBuffer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A step of one running statistic. DL4J's updater takes it by subtracting the layer's gradient for it, old − new.
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
    /** {@return the steps of mean and variance towards a batch's, with their gradients written} */
    static List<StatisticStep> towards(
            Normalization norm,
            Map<String, INDArray> params,
            Map<String, INDArray> gradients,
            Statistics batch,
            long m,
            double keep) {
        double[] oldMean = Normalization.read(params.get(BatchNormalizationParamInitializer.GLOBAL_MEAN));
        double[] oldVariance = Normalization.read(params.get(norm.varianceKey()));
        double[] mean = new double[oldMean.length];
        double[] variance = new double[oldMean.length];
        for (int c = 0; c < mean.length; c++) {
            mean[c] = norm.nextMean(oldMean[c], batch.mean()[c], keep);
            variance[c] = norm.nextVariance(oldVariance[c], batch.variance()[c], m, keep);
            oldVariance[c] = norm.start(oldVariance[c]);
        }
        return List.of(
                of(BatchNormalizationParamInitializer.GLOBAL_MEAN, gradients, oldMean, mean),
                of(norm.varianceKey(), gradients, oldVariance, variance));
    }

    private static StatisticStep of(String key, Map<String, INDArray> gradients, double[] old, double... wanted) {
        DataBuffer gradient = gradients.get(key).data();
        double[] left = new double[wanted.length];
        for (int c = 0; c < wanted.length; c++) {
            wanted[c] = rounded(wanted[c], gradient, c);
            double step = rounded(old[c] - wanted[c], gradient, c);
            left[c] = rounded(old[c] - step, gradient, c);
            gradient.put(c, step);
        }
        return new StatisticStep(key, left, wanted);
    }

    /** {@return the nearest number of the buffer's type}, which it then holds at {@code index} */
    private static double rounded(double number, DataBuffer buffer, int index) {
        buffer.put(index, number);
        return buffer.getDouble(index);
    }

    /** Writes the new values where the update was this step alone; other workers' gradients may have been added. */
    void complete(Map<String, INDArray> params) {
        DataBuffer values = params.get(key).data();
        for (int c = 0; c < wanted.length; c++) {
            if (values.getDouble(c) == left[c]) {
                values.put(c, wanted[c]);
            }
        }
    }
}
