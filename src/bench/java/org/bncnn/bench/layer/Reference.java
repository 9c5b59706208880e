package org.bncnn.bench.layer;

import java.util.stream.IntStream;

/**
 * Batch normalization in double precision, with which a layer's results are compared before it is timed.
 *
 * <p>The formulas are those of Ioffe and Szegedy, "Batch Normalization" (2015), section 3, with γ = 1 and β = 0.
 */
final class Reference {
    /** Float rounding of values below 6 stays far under this; a step left out does not. */
    private static final double TOLERANCE = 1e-4;

    private final double[] output;
    private final double[] inputGradient;

    Reference(Batch batch) {
        output = new double[batch.input().length];
        inputGradient = new double[batch.input().length];
        for (int c = 0; c < batch.channels(); c++) {
            channel(batch, c);
        }
    }

    private void channel(Batch batch, int channel) {
        float[] x = batch.input();
        float[] dy = batch.outputGradient();
        int[] indices = IntStream.range(0, x.length)
                .filter(i -> i / batch.plane() % batch.channels() == channel)
                .toArray();
        double mean = IntStream.of(indices).mapToDouble(i -> x[i]).average().orElseThrow();
        double variance = IntStream.of(indices)
                .mapToDouble(i -> (x[i] - mean) * (x[i] - mean))
                .average()
                .orElseThrow();
        double std = Math.sqrt(variance + TimedLayer.EPS);
        IntStream.of(indices).forEach(i -> output[i] = (x[i] - mean) / std);
        double meanDy = IntStream.of(indices).mapToDouble(i -> dy[i]).average().orElseThrow();
        double meanDyY = IntStream.of(indices)
                .mapToDouble(i -> dy[i] * output[i])
                .average()
                .orElseThrow();
        IntStream.of(indices).forEach(i -> inputGradient[i] = (dy[i] - meanDy - output[i] * meanDyY) / std);
    }

    void checkOutput(float[] actual) {
        check("output", actual, output);
    }

    void checkInputGradient(float[] actual) {
        check("gradient with respect to the input", actual, inputGradient);
    }

    private static void check(String what, float[] actual, double[] expected) {
        double worst = IntStream.range(0, expected.length)
                .mapToDouble(i -> Math.abs(actual[i] - expected[i]))
                .max()
                .orElseThrow();
        if (!(worst <= TOLERANCE)) {
            throw new IllegalStateException("not batch normalization: the " + what + " is off by " + worst);
        }
    }
}
