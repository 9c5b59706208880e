package org.bncnn.engine;

import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.bncnn.norm.BatchNorm;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.nd4j.linalg.activations.Activation;

/** Batch normalization of images and of vectors, with what may be before it and behind it. */
class NormParityProperties {
    @Property(tries = 40, seed = "1")
    void builtIn(
            @ForAll @IntRange(min = 3, max = 9) int examples,
            @ForAll @IntRange(min = 1, max = 17) int channels,
            @ForAll @IntRange(min = 1, max = 5) int side,
            @ForAll boolean vectors,
            @ForAll boolean logStd,
            @ForAll boolean locked,
            @ForAll Before before) {
        BatchNormalization layer = new BatchNormalization.Builder(locked)
                .useLogStd(logStd)
                .decay(0.8)
                .eps(1e-3)
                .build();
        check(examples, channels, side, vectors, before, layer, "batch_normalization");
    }

    @Property(tries = 40, seed = "1")
    void ours(
            @ForAll @IntRange(min = 3, max = 9) int examples,
            @ForAll @IntRange(min = 1, max = 17) int channels,
            @ForAll @IntRange(min = 1, max = 5) int side,
            @ForAll boolean vectors,
            @ForAll boolean logStd,
            @ForAll boolean locked,
            @ForAll Behind behind,
            @ForAll Before before) {
        BatchNorm layer = new BatchNorm.Builder()
                .useLogStd(logStd)
                .lockGammaBeta(locked)
                .gamma(locked ? 2 : 1)
                .beta(locked ? -0.5 : 0)
                .decay(0.8)
                .eps(1e-3)
                .activation(behind.function)
                .build();
        check(examples, channels, side, vectors, before, layer, "batch_normalization" + behind.fused);
    }

    private static void check(
            int examples, int channels, int side, boolean vectors, Before before, Layer norm, String runs) {
        Layer linear = vectors
                ? new DenseLayer.Builder()
                        .nOut(channels)
                        .activation(before.function)
                        .build()
                : new ConvolutionLayer.Builder(1, 1)
                        .nOut(channels)
                        .activation(before.function)
                        .build();
        Assume.that(channels > 1 || !vectors);
        Parity.of(
                        Networks.classifier(InputType.convolutional(side, side, 2), linear, norm),
                        Networks.batch(examples, 2, side, side))
                .runs(
                        false,
                        (vectors ? "inner_product" : "convolution")
                                + (before == Before.NOTHING ? " with batch normalization" : " \\+ tanh"),
                        before == Before.NOTHING ? "part of layer 0" : "batch_normalization",
                        "inner_product")
                .hold(vectors ? "inner_product" : "convolution", runs, "inner_product");
    }

    enum Before {
        NOTHING(Activation.IDENTITY),
        TANH(Activation.TANH);

        private final Activation function;

        Before(Activation function) {
            this.function = function;
        }
    }

    enum Behind {
        NOTHING(Activation.IDENTITY, " "),
        RELU(Activation.RELU, " \\+ relu"),
        TANH(Activation.TANH, " "),
        MISH(Activation.MISH, " ");

        private final Activation function;
        private final String fused;

        Behind(Activation function, String fused) {
            this.function = function;
            this.fused = fused;
        }
    }
}
