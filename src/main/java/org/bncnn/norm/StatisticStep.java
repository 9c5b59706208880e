package org.bncnn.norm;

import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A step of one running statistic, which DL4J's updater takes by subtracting the gradient that the layer reports for it, old − new.
 *
 * <p>A difference of two floats has the precision of the larger. Where the new value is less than half of the old one, old − (old − new)
 * loses digits; for a variance that falls from 1 to 10⁻⁸ it is 0. The layer then writes the value itself, after the update, so that a
 * backward pass without an update moves nothing.
 *
 * @param key of the statistic's parameter
 * @param left what the update leaves of each old value
 * @param wanted the new values
 */
record StatisticStep(String key, double[] left, double[] wanted) {
    /**
     * {@return the step}, whose gradient is written
     *
     * @param old values, finite where they can be
     * @param wanted new values, of any precision
     */
    static StatisticStep prepare(String key, Map<String, INDArray> gradients, double[] old, double[] wanted) {
        INDArray gradient = gradients.get(key);
        double[] rounded = round(wanted, gradient);
        double[] step = round(difference(old, rounded), gradient);
        double[] left = round(difference(old, step), gradient);
        Parameter.write(gradient, step);
        return new StatisticStep(key, left, rounded);
    }

    /** Writes the new values where the update was this step and no more; other workers' gradients may have been added. */
    void complete(INDArray values) {
        double[] now = Parameter.read(values);
        for (int c = 0; c < now.length; c++) {
            if (now[c] == left[c]) {
                now[c] = wanted[c];
            }
        }
        Parameter.write(values, now);
    }

    private static double[] difference(double[] from, double... by) {
        double[] difference = new double[from.length];
        for (int c = 0; c < from.length; c++) {
            difference[c] = from[c] - by[c];
        }
        return difference;
    }

    /** {@return the nearest numbers of the array's type}, which it holds after that */
    private static double[] round(double[] numbers, INDArray array) {
        Parameter.write(array, numbers);
        return Parameter.read(array);
    }
}
