package org.bncnn.norm;

import static org.assertj.core.api.Assertions.assertThat;

import org.bncnn.backend.Backend;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Holds the layer to DL4J's built-in one, without helpers: equal but for the running variance, which is meant to differ
 * by m/(m − 1).
 */
class BatchNormBuiltinTest {
    private static final double DOUBLE_TOLERANCE = 1e-11;

    /** Some tens of roundings of 6e-8, of numbers up to 10. */
    private static final double FLOAT_TOLERANCE = 1e-5;

    @ParameterizedTest
    @CsvSource({
        "DOUBLE, false, NCHW", "DOUBLE, true, NCHW", "DOUBLE, false, NHWC",
        "FLOAT, false, NCHW", "FLOAT, true, NCHW", "FLOAT, true, NHWC"
    })
    void onImages(DataType type, boolean useLogStd, CNN2DFormat format) {
        long[] shape = format == CNN2DFormat.NCHW ? new long[] {6, 3, 5, 7} : new long[] {6, 5, 7, 3};
        assertEqual(type, useLogStd, format, 6 * 5 * 7, shape);
    }

    @ParameterizedTest
    @CsvSource({"DOUBLE, false", "DOUBLE, true", "FLOAT, false", "FLOAT, true"})
    void onVectors(DataType type, boolean useLogStd) {
        assertEqual(type, useLogStd, CNN2DFormat.NCHW, 9, 9, 3);
    }

    private static void assertEqual(DataType type, boolean useLogStd, CNN2DFormat format, int m, long... shape) {
        double tolerance = type == DataType.DOUBLE ? DOUBLE_TOLERANCE : FLOAT_TOLERANCE;
        BatchNormalization configuration = new BatchNormalization.Builder()
                .nIn(3)
                .nOut(3)
                .useLogStd(useLogStd)
                .dataFormat(format)
                .build();
        LoneLayer builtin = Backend.withoutOneDnn(() -> new LoneLayer(configuration, type));
        LoneLayer custom = new LoneLayer(
                new BatchNorm.Builder()
                        .nOut(3)
                        .useLogStd(useLogStd)
                        .channelsLast(format == CNN2DFormat.NHWC)
                        .build(),
                type);
        assertThat(builtin.layer().getHelper()).isNull();
        Nd4j.getRandom().setSeed(5);
        builtin.param("gamma").assign(Nd4j.randn(type, 3));
        builtin.param("beta").assign(Nd4j.randn(type, 3));
        custom.layer().params().assign(builtin.layer().params());
        double initialShare = 1;
        for (int step = 0; step < 4; step++) {
            INDArray x = Nd4j.randn(type, shape).muli(2).addi(1);
            INDArray dy = Nd4j.randn(type, shape);
            assertClose("y", custom.forward(x), builtin.forward(x), tolerance);
            assertClose("dx", custom.backward(dy), builtin.backward(dy), tolerance);
            assertClose("dγ", custom.gradient("gamma"), builtin.gradient("gamma"), 10 * tolerance);
            assertClose("dβ", custom.gradient("beta"), builtin.gradient("beta"), 10 * tolerance);
            custom.moveRunningStatistics();
            builtin.moveRunningStatistics();
            assertClose("running mean", custom.param("mean"), builtin.param("mean"), tolerance);
            initialShare *= 0.9;
            INDArray biased = variance(builtin, useLogStd);
            INDArray unbiased =
                    biased.sub(initialShare).muli((double) m / (m - 1)).addi(initialShare);
            assertClose("running variance", variance(custom, useLogStd), unbiased, tolerance);
        }
        builtin.layer().params().assign(custom.layer().params());
        INDArray x = Nd4j.randn(type, shape);
        assertClose("y in inference", custom.infer(x), builtin.infer(x), tolerance);
    }

    private static INDArray variance(LoneLayer layer, boolean useLogStd) {
        if (!useLogStd) {
            return layer.param("var");
        }
        INDArray log10Std = layer.param("log10stdev").dup();
        for (int c = 0; c < log10Std.length(); c++) {
            log10Std.putScalar(c, Math.pow(10, 2 * log10Std.getDouble(c)));
        }
        return log10Std;
    }

    private static void assertClose(String what, INDArray actual, INDArray expected, double tolerance) {
        assertThat(actual.reshape(actual.length())
                        .sub(expected.dup('c').reshape(expected.length()))
                        .amaxNumber()
                        .doubleValue())
                .as(what)
                .isLessThanOrEqualTo(tolerance);
    }
}
