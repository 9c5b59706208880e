package org.bncnn.norm;

import org.nd4j.linalg.api.ndarray.INDArray;

/** A parameter's values, one for each channel, side by side in memory, as numbers. */
final class Parameter {
    private Parameter() {}

    static double[] read(INDArray values) {
        double[] numbers = new double[Math.toIntExact(values.length())];
        for (int c = 0; c < numbers.length; c++) {
            numbers[c] = values.data().getDouble(c);
        }
        return numbers;
    }

    static void write(INDArray values, double[] numbers) {
        for (int c = 0; c < numbers.length; c++) {
            values.data().put(c, numbers[c]);
        }
    }
}
