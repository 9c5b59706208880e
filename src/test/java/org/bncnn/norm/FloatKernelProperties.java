package org.bncnn.norm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.bncnn.norm.BatchNormKernel.Affine;
import org.bncnn.norm.BatchNormKernel.Gradients;
import org.bncnn.norm.BatchNormKernel.Statistics;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The fast kernel against the reference kernel where a channel's mean is up to 10⁶ times its standard deviation. */
class FloatKernelProperties {
    private static final int CHANNELS = 3;
    private static final long[] SHAPE = {5, CHANNELS, 6, 7};

    /** Of outputs and gradients, relative to the largest. */
    private static final double TOLERANCE = 3e-6;

    /** Of a sum of 5·6·7 terms, each about 1, of either sign. */
    private static final double TERMS_SIZE = Math.sqrt(5 * 6 * 7);

    @Property(tries = 200, seed = "1")
    void aLargeMeanCostsNoAccuracy(
            @ForAll @DoubleRange(min = 0, max = 6) double log10Ratio,
            @ForAll @DoubleRange(min = -3, max = 2) double log10Std,
            @ForAll boolean channelsLast,
            @ForAll boolean relu,
            @ForAll boolean ofBatch,
            @ForAll @IntRange(max = 1000) int seed) {
        Random random = new Random(seed);
        double std = Math.pow(10, log10Std);
        double offset = std * Math.pow(10, log10Ratio) * (random.nextBoolean() ? 1 : -1);
        INDArray x = gaussian(random).muli(std).addi(offset).castTo(DataType.FLOAT);
        INDArray dy = gaussian(random).castTo(DataType.FLOAT);
        Affine affine = new Affine(gaussian(random, CHANNELS), gaussian(random, CHANNELS), 1e-5 * std * std, relu);
        Statistics given = ofBatch ? null : statistics(random, offset, std);
        Result expected = run(new ReferenceKernel(null), channelsLast, x, dy, affine, given);
        Result actual = run(new FloatKernel(channelsLast), channelsLast, x, dy, affine, given);

        for (int c = 0; c < CHANNELS; c++) {
            assertThat(Math.abs(
                            actual.statistics.mean()[c] - expected.statistics.mean()[c]))
                    .as("mean")
                    .isLessThan(TOLERANCE * std);
            assertThat(actual.statistics.variance()[c] / expected.statistics.variance()[c])
                    .as("variance")
                    .isBetween(1 - TOLERANCE, 1 + TOLERANCE);
        }
        assertClose("y", actual.y, expected.y);
        assertClose("dx", actual.dx, expected.dx);
        assertClose("dγ", actual.gradients.gamma(), expected.gradients.gamma(), TERMS_SIZE);
        assertClose("dβ", actual.gradients.beta(), expected.gradients.beta(), TERMS_SIZE);
    }

    /**
     * Values that take turns between two neighbours among the floats: half of the standard deviation is the mean's
     * rounding.
     */
    @Property(tries = 20, seed = "1")
    void twoNeighboursAmongTheFloats(
            @ForAll @IntRange(min = -20, max = 20) int exponent, @ForAll boolean channelsLast) {
        float one = Math.scalb(1f, exponent);
        INDArray x = Nd4j.create(DataType.FLOAT, SHAPE);
        for (long i = 0; i < x.length(); i++) {
            x.data().put(i, i % 3 == 0 ? one : Math.nextUp(one));
        }
        double ulp = Math.ulp(one);
        Affine affine = new Affine(new double[] {1, 1, 1}, new double[CHANNELS], 1e-5 * ulp * ulp, false);
        Result expected = run(new ReferenceKernel(null), channelsLast, x, x, affine, null);
        Result actual = run(new FloatKernel(channelsLast), channelsLast, x, x, affine, null);
        assertClose("variance", actual.statistics.variance(), expected.statistics.variance());
        assertClose("y", actual.y, expected.y);
    }

    private record Result(Statistics statistics, double[] y, double[] dx, Gradients gradients) {}

    /** @param given what to normalise by; null for the batch's own */
    private static Result run(
            BatchNormKernel kernel, boolean channelsLast, INDArray x, INDArray dy, Affine affine, Statistics given) {
        INDArray y = laidOut(x.ulike(), channelsLast);
        INDArray dx = laidOut(x.ulike(), channelsLast);
        ChannelView src = view(laidOut(x, channelsLast), channelsLast);
        Statistics statistics = kernel.forwardTraining(src, affine, view(y, channelsLast));
        if (given != null) {
            kernel.forwardInference(src, given, affine, view(y, channelsLast));
        }
        Gradients gradients = kernel.backward(
                src,
                view(laidOut(dy, channelsLast), channelsLast),
                given == null ? statistics : given,
                given == null,
                affine,
                view(dx, channelsLast));
        return new Result(statistics, numbers(y), numbers(dx), gradients);
    }

    private static INDArray laidOut(INDArray array, boolean channelsLast) {
        return channelsLast ? array.permute(0, 2, 3, 1).dup('c') : array;
    }

    private static ChannelView view(INDArray array, boolean channelsLast) {
        return ChannelView.of(array, channelsLast ? 3 : 1);
    }

    private static double[] numbers(INDArray array) {
        return array.data().asDouble();
    }

    private static Statistics statistics(Random random, double mean, double std) {
        double[] means = gaussian(random, CHANNELS);
        double[] variances = new double[CHANNELS];
        for (int c = 0; c < CHANNELS; c++) {
            means[c] = mean + std * means[c];
            variances[c] = std * std * (0.5 + random.nextDouble());
        }
        return new Statistics(means, variances);
    }

    private static INDArray gaussian(Random random) {
        return Nd4j.create(gaussian(random, (int) Arrays.stream(SHAPE).reduce(1, (a, b) -> a * b)), SHAPE, 'c');
    }

    private static double[] gaussian(Random random, int count) {
        double[] values = new double[count];
        for (int i = 0; i < count; i++) {
            values[i] = random.nextGaussian();
        }
        return values;
    }

    private static void assertClose(String what, double[] actual, double[] expected) {
        assertClose(what, actual, expected, 0);
    }

    /** @param size that the largest expected number has at least, or had if its terms did not cancel each other out */
    private static void assertClose(String what, double[] actual, double[] expected, double size) {
        double largest =
                Math.max(size, Arrays.stream(expected).map(Math::abs).max().orElseThrow());
        for (int i = 0; i < actual.length; i++) {
            assertThat(Math.abs(actual[i] - expected[i]))
                    .as("error of " + what)
                    .isLessThanOrEqualTo(TOLERANCE * largest);
        }
    }
}
