package org.bncnn.compare;

import org.nd4j.linalg.api.ndarray.INDArray;

/** How far numbers are from what they are held to, added up over arrays, in double. */
final class Distance {
    private double maxAbsolute;
    private double squaredDistance;
    private double squaredNorm;

    /** Adds arrays of the same shape, in whatever order and type. */
    void add(INDArray actual, INDArray expected) {
        double[] a = actual.dup('c').data().asDouble();
        double[] e = expected.dup('c').data().asDouble();
        for (int i = 0; i < a.length; i++) {
            double difference = Math.abs(a[i] - e[i]);
            maxAbsolute = Math.max(maxAbsolute, difference); // NaN stays NaN
            squaredDistance += difference * difference;
            squaredNorm += e[i] * e[i];
        }
    }

    /** {@return the largest difference between two numbers} */
    double maxAbsolute() {
        return maxAbsolute;
    }

    /** {@return the L2 norm of the differences, relative to that of what they were held to} */
    double relative() {
        return Math.sqrt(squaredDistance / squaredNorm);
    }
}
