package org.bncnn.norm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.bncnn.norm.BatchNormKernel.Affine;
import org.bncnn.norm.BatchNormKernel.Gradients;
import org.bncnn.norm.BatchNormKernel.Statistics;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Holds the fast kernel to the reference kernel, at awkward sizes and with all orders of memory it takes. */
class FloatKernelTest {
    /** Some roundings of values below 16, which are 5e-7 each; normalising magnifies them by 1/σ. */
    private static final double OUTPUT_TOLERANCE = 2e-6;

    /**
     * Gradients have no offset, so that their distances, relative to that of the upstream gradient, are some roundings
     * of 6e-8.
     */
    private static final double GRADIENT_DISTANCE = 1e-6;

    /**
     * Sums in float lanes, of m terms in a lane of which one is at most 1/512; relative to the sum of the terms' sizes.
     */
    private static final double SUM_TOLERANCE = 1e-5;

    static Stream<Arguments> arrays() {
        return Stream.of(
                        named("two values", new long[] {2, 1}, 1),
                        named("rank 2", new long[] {64, 128}, 1),
                        named("one channel", new long[] {37, 1}, 1),
                        named("more channels than a segment", new long[] {3, 700}, 1),
                        named("one example", new long[] {1, 3, 5, 7}, 1),
                        named("NCHW, odd", new long[] {3, 5, 7, 13}, 1),
                        named("NCHW, the first BN of the reference CNN", new long[] {64, 16, 24, 24}, 1),
                        named("a segment less one", new long[] {7, 2, 73}, 1),
                        named("a segment", new long[] {8, 2, 64}, 1),
                        named("a segment and one", new long[] {27, 2, 19}, 1),
                        named("channels of more than a block", new long[] {2, 2, 207, 211}, 1),
                        named("NCDHW", new long[] {2, 3, 2, 3, 5}, 1),
                        named("NHWC", new long[] {3, 7, 13, 5}, 3),
                        named("NHWC of more than a block", new long[] {5, 71, 67, 3}, 3),
                        named("NWC", new long[] {4, 9, 6}, 2))
                .map(arguments -> arguments);
    }

    private static Arguments named(String name, long[] shape, int channelAxis) {
        return Arguments.of(name, shape, channelAxis);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("arrays")
    void equalsTheReference(String name, long[] shape, int channelAxis) {
        assertEqualsReference(shape, channelAxis, array -> array.dup('c'));
    }

    /** What DL4J's convolution without helpers hands on: channels, then examples, then positions. */
    @Test
    void equalsTheReferenceOnTransposedImages() {
        assertEqualsReference(
                new long[] {4, 3, 5, 6},
                1,
                array -> array.permute(1, 0, 2, 3).dup('c').permute(1, 0, 2, 3));
    }

    @Test
    void equalsTheReferenceOnAMatrixInColumnOrder() {
        assertEqualsReference(new long[] {9, 4}, 1, array -> array.dup('f'));
    }

    @Test
    void equalsTheReferenceOnSlicesOfChannels() {
        assertEqualsReference(new long[] {4, 3, 5, 6}, 1, array -> {
            INDArray wider = Nd4j.valueArrayOf(new long[] {4, 8, 5, 6}, Float.NaN, DataType.FLOAT);
            INDArray slice =
                    wider.get(NDArrayIndex.all(), NDArrayIndex.interval(2, 5), NDArrayIndex.all(), NDArrayIndex.all());
            return slice.assign(array);
        });
    }

    @Test
    void equalsTheReferenceOnSlicesOfColumns() {
        assertEqualsReference(new long[] {9, 4}, 1, array -> {
            INDArray wider = Nd4j.valueArrayOf(new long[] {9, 7}, Float.NaN, DataType.FLOAT);
            return wider.get(NDArrayIndex.all(), NDArrayIndex.interval(2, 6)).assign(array);
        });
    }

    /** Rows that lie side by side, but not from one example to the next. */
    @Test
    void equalsTheReferenceOnSlicesOfSteps() {
        assertEqualsReference(new long[] {4, 5, 3}, 2, array -> {
            INDArray longer = Nd4j.valueArrayOf(new long[] {4, 9, 3}, Float.NaN, DataType.FLOAT);
            return longer.get(NDArrayIndex.all(), NDArrayIndex.interval(2, 7), NDArrayIndex.all())
                    .assign(array);
        });
    }

    @Test
    void rowsThatAreScatteredAreLeftToTheReference() {
        INDArray wider = Nd4j.create(DataType.FLOAT, 4, 9, 7);
        INDArray slice = wider.get(NDArrayIndex.all(), NDArrayIndex.interval(2, 7), NDArrayIndex.interval(0, 3));
        assertThat(BatchNormKernel.forArrays(null, ChannelView.of(slice, 2))).isInstanceOf(ReferenceKernel.class);
    }

    private static void assertEqualsReference(long[] shape, int channelAxis, UnaryOperator<INDArray> layOut) {
        Nd4j.getRandom().setSeed(3);
        INDArray x = layOut.apply(Nd4j.randn(DataType.FLOAT, shape).muli(2).addi(5));
        INDArray dy = layOut.apply(Nd4j.randn(DataType.FLOAT, shape));
        for (boolean relu : new boolean[] {false, true}) {
            Affine affine = affine((int) shape[channelAxis], relu);
            Result expected = run(new ReferenceKernel(null), x, dy, channelAxis, affine, layOut);
            BatchNormKernel fast = BatchNormKernel.forArrays(null, ChannelView.of(x, channelAxis));
            assertThat(fast).isInstanceOf(FloatKernel.class);
            Result actual = run(fast, x, dy, channelAxis, affine, layOut);

            double magnification = Arrays.stream(expected.statistics.variance())
                    .map(variance -> 1 / Math.sqrt(variance + affine.eps()))
                    .max()
                    .orElseThrow();
            assertClose("mean", actual.statistics.mean(), expected.statistics.mean(), OUTPUT_TOLERANCE);
            assertClose("variance", actual.statistics.variance(), expected.statistics.variance(), SUM_TOLERANCE);
            assertClose("y", values(actual.y), values(expected.y), OUTPUT_TOLERANCE * magnification);
            assertClose("y in inference", values(actual.inferred), values(expected.inferred), OUTPUT_TOLERANCE);
            double terms = Math.sqrt((double) x.length() / shape[channelAxis]);
            assertClose("dγ", actual.gradients.gamma(), expected.gradients.gamma(), SUM_TOLERANCE * terms);
            assertClose("dβ", actual.gradients.beta(), expected.gradients.beta(), SUM_TOLERANCE * terms);
            assertNear("dx", actual.dx, expected.dx, dy, magnification);
            assertNear("dx in inference", actual.dxFrozen, expected.dxFrozen, dy, 1);
        }
    }

    private record Result(
            Statistics statistics,
            INDArray y,
            INDArray inferred,
            Gradients gradients,
            INDArray dx,
            INDArray dxFrozen) {}

    /** Inference and its gradient are given other statistics than the batch's. */
    private static Result run(
            BatchNormKernel kernel, INDArray x, INDArray dy, int axis, Affine affine, UnaryOperator<INDArray> layOut) {
        ChannelView src = ChannelView.of(x, axis);
        ChannelView diffDst = ChannelView.of(dy, axis);
        INDArray y = layOut.apply(x.ulike());
        INDArray inferred = layOut.apply(x.ulike());
        INDArray dx = layOut.apply(x.ulike());
        INDArray dxFrozen = layOut.apply(x.ulike());
        Statistics batch = kernel.forwardTraining(src, affine, ChannelView.of(y, axis));
        double[] mean = new double[(int) src.channels()];
        double[] variance = new double[(int) src.channels()];
        Arrays.fill(mean, 4.5);
        Arrays.fill(variance, 2.5);
        Statistics running = new Statistics(mean, variance);
        kernel.forwardInference(src, running, affine, ChannelView.of(inferred, axis));
        Gradients gradients = kernel.backward(src, diffDst, batch, true, affine, ChannelView.of(dx, axis));
        kernel.backward(src, diffDst, running, false, affine, ChannelView.of(dxFrozen, axis));
        return new Result(batch, y, inferred, gradients, dx, dxFrozen);
    }

    private static Affine affine(int channels, boolean relu) {
        double[] gamma = new double[channels];
        double[] beta = new double[channels];
        for (int c = 0; c < channels; c++) {
            gamma[c] = (c % 3 - 1) * 0.7 + 0.1;
            beta[c] = c % 2 * 0.3 - 0.1;
        }
        return new Affine(gamma, beta, 1e-5, relu);
    }

    @Test
    void workingInPlaceGivesTheSame() {
        INDArray x = Nd4j.randn(DataType.FLOAT, 4, 3, 50, 70);
        INDArray dy = Nd4j.randn(DataType.FLOAT, 4, 3, 50, 70);
        Affine affine = affine(3, true);
        FloatKernel kernel = new FloatKernel(false);
        INDArray y = x.ulike();
        INDArray dx = x.ulike();
        Statistics statistics = kernel.forwardTraining(ChannelView.of(x, 1), affine, ChannelView.of(y, 1));
        kernel.backward(ChannelView.of(x, 1), ChannelView.of(dy, 1), statistics, true, affine, ChannelView.of(dx, 1));

        INDArray inPlace = dy.dup('c');
        kernel.backward(
                ChannelView.of(x, 1), ChannelView.of(inPlace, 1), statistics, true, affine, ChannelView.of(inPlace, 1));
        assertThat(inPlace).isEqualTo(dx);
        INDArray same = x.dup('c');
        kernel.forwardTraining(ChannelView.of(same, 1), affine, ChannelView.of(same, 1));
        assertThat(same).isEqualTo(y);
    }

    @Test
    void theNumberOfThreadsDoesNotChangeABit() {
        INDArray x = Nd4j.randn(DataType.FLOAT, 8, 16, 24, 24);
        int threads = Nd4j.getEnvironment().maxThreads();
        try {
            Nd4j.getEnvironment().setMaxThreads(1);
            Result one = run(new FloatKernel(false), x, x, 1, affine(16, true), UnaryOperator.identity());
            Nd4j.getEnvironment().setMaxThreads(3);
            Result three = run(new FloatKernel(false), x, x, 1, affine(16, true), UnaryOperator.identity());
            assertThat(three.y).isEqualTo(one.y);
            assertThat(three.dx).isEqualTo(one.dx);
            assertThat(three.statistics.variance()).containsExactly(one.statistics.variance());
            assertThat(three.gradients.gamma()).containsExactly(one.gradients.gamma());
        } finally {
            Nd4j.getEnvironment().setMaxThreads(threads);
        }
    }

    /** In float, Σx² − (Σx)² of such values would lose all digits. */
    @Test
    void aLargeOffsetCostsNoAccuracy() {
        INDArray x = Nd4j.randn(DataType.DOUBLE, 8, 2, 16, 16).addi(1000).castTo(DataType.FLOAT);
        for (boolean channelsLast : new boolean[] {false, true}) {
            int axis = channelsLast ? 3 : 1;
            INDArray laid = channelsLast ? x.permute(0, 2, 3, 1).dup('c') : x;
            ChannelView src = ChannelView.of(laid, axis);
            ChannelView dst = ChannelView.of(laid.ulike(), axis);
            Statistics expected = new ReferenceKernel(null).forwardTraining(src, affine(2, false), dst);
            Statistics actual = new FloatKernel(channelsLast).forwardTraining(src, affine(2, false), dst);
            assertClose("mean", actual.mean(), expected.mean(), OUTPUT_TOLERANCE);
            assertClose("variance", actual.variance(), expected.variance(), SUM_TOLERANCE);
        }
    }

    @Test
    void aConstantChannelBecomesExactlyBeta() {
        for (boolean channelsLast : new boolean[] {false, true}) {
            int axis = channelsLast ? 3 : 1;
            INDArray x = Nd4j.create(DataType.FLOAT, 50, 3, 33, 3);
            for (int c = 0; c < 3; c++) {
                x.slice(c, axis).assign(0.1 + 0.3 * c);
            }
            INDArray y = x.ulike();
            Affine affine = affine(3, false);
            Statistics statistics = new FloatKernel(channelsLast)
                    .forwardTraining(ChannelView.of(x, axis), affine, ChannelView.of(y, axis));
            assertThat(statistics.variance()).containsOnly(0);
            for (int c = 0; c < 3; c++) {
                assertThat(ChannelView.of(y, axis).read(c, null)).containsOnly((float) affine.beta()[c]);
            }
        }
    }

    @Test
    void reluLetsTheSmallestPositiveValuesThroughAndNoOthers() {
        float[] dy = {1, 1, 1, 1, 1, 1};
        float[] z = {Float.MIN_VALUE, Float.MAX_VALUE, Float.POSITIVE_INFINITY, 0, -Float.MIN_VALUE, -1};
        float[] ones = {1, 1, 1, 1, 1, 1};
        FloatLoops.maskByRelu(dy, z, new float[6], ones, new float[6], 6);
        assertThat(dy).containsExactly(1, 1, 1, 0, 0, 0);
    }

    private static double[] values(INDArray array) {
        return array.dup('c').data().asDouble();
    }

    private static void assertNear(
            String what, INDArray actual, INDArray expected, INDArray upstream, double magnification) {
        assertThat(actual.sub(expected).norm2Number().doubleValue())
                .as(what)
                .isLessThanOrEqualTo(GRADIENT_DISTANCE
                        * magnification
                        * upstream.norm2Number().doubleValue());
    }

    private static void assertClose(String what, double[] actual, double[] expected, double tolerance) {
        assertThat(actual).as(what).hasSameSizeAs(expected);
        for (int i = 0; i < actual.length; i++) {
            assertThat(actual[i])
                    .as(what + "[" + i + "]")
                    .isCloseTo(expected[i], within(tolerance * Math.max(1, Math.abs(expected[i]))));
        }
    }
}
