package org.bncnn.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.bncnn.engine.ParameterMemory.Slice;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** It is chosen on CPUs without AVX-512 only, but right on any. */
class FirstWeightsGradientTest {
    /** Sums of a few hundred products of numbers below 1. */
    private static final double FLOAT_SUM = 1e-4;

    @ParameterizedTest
    @CsvSource({
        "Truncate, 5, 0, 1, 8",
        "Truncate, 3, 1, 1, 8",
        "Truncate, 3, 2, 2, 16",
        "Same, 5, 0, 1, 7",
        "Same, 2, 0, 3, 1"
    })
    void itIsTheSumOverImagesAndPositions(ConvolutionMode mode, int kernel, int padding, int dilation, int channels)
            throws NotCompilableException {
        long images = 3;
        long height = 11;
        long width = 9;
        Window window = Window.of(
                mode,
                new int[] {kernel, kernel},
                new int[] {1, 1},
                new int[] {padding, padding},
                new int[] {dilation, dilation},
                height,
                width);
        INDArray gradient = Nd4j.create((long) channels * kernel * kernel);
        try (Natives natives = new Natives()) {
            Assembly assembly = Assembly.of(natives, true, null);
            Tensor src = random(natives, images, 1, height, width);
            Tensor diffDst = random(natives, images, channels, window.out()[0], window.out()[1]);
            FirstWeightsGradient.add(
                    assembly, window, new Slice(0, Floats.addressOf(gradient), gradient.length()), src, diffDst);
            assembly.backward().run();
            float[] x = src.floats().read();
            float[] dy = diffDst.floats().read();
            for (int channel = 0; channel < channels; channel++) {
                for (int row = 0; row < kernel; row++) {
                    for (int column = 0; column < kernel; column++) {
                        assertThat(gradient.getDouble((channel * kernel + row) * kernel + column))
                                .isCloseTo(
                                        sum(x, src.shape(), dy, diffDst.shape(), window, channel, row, column),
                                        within(FLOAT_SUM));
                    }
                }
            }
        }
    }

    private static double sum(
            float[] x, long[] in, float[] dy, long[] out, Window window, int channel, int row, int column) {
        double sum = 0;
        for (int image = 0; image < out[0]; image++) {
            for (int i = 0; i < out[2]; i++) {
                for (int j = 0; j < out[3]; j++) {
                    long h = i + row * window.dilation()[0] - window.before()[0];
                    long w = j + column * window.dilation()[1] - window.before()[1];
                    if (h >= 0 && h < in[2] && w >= 0 && w < in[3]) {
                        sum += x[(int) ((image * in[2] + h) * in[3] + w)]
                                * dy[(int) (((image * out[1] + channel) * out[2] + i) * out[3] + j)];
                    }
                }
            }
        }
        return sum;
    }

    private static Tensor random(Natives natives, long... shape) {
        Tensor tensor = natives.allocate(natives.plain(shape), shape);
        Random random = new Random(7);
        float[] values = new float[(int) tensor.floats().capacity()];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextFloat() - 0.5f;
        }
        tensor.floats().write(values);
        return tensor;
    }
}
