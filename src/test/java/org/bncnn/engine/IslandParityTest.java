package org.bncnn.engine;

import java.util.stream.Stream;
import org.bncnn.norm.BatchNorm;
import org.deeplearning4j.nn.conf.distribution.NormalDistribution;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.deeplearning4j.nn.conf.layers.PReLULayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SeparableConvolution2D;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.Upsampling2D;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping2D;
import org.deeplearning4j.nn.conf.weightnoise.DropConnect;
import org.deeplearning4j.nn.conf.weightnoise.WeightNoise;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.dataset.DataSet;

/** Layers that DL4J itself runs, between two that oneDNN runs. */
class IslandParityTest {
    private static final int SIDE = 6;

    private static Stream<Arguments> ofImages() {
        return Stream.of(
                of(new LocalResponseNormalization.Builder().build()),
                of(new Upsampling2D.Builder(2).build()),
                of(new ZeroPaddingLayer.Builder(1, 2).build()),
                of(new Cropping2D.Builder(1, 1).build()),
                of(new PReLULayer.Builder().inputShape(5, 4, 4).build()),
                of(new DepthwiseConvolution2D.Builder(3, 3).depthMultiplier(2).build()),
                of(new SeparableConvolution2D.Builder(3, 3).nOut(5).build()),
                of(new GlobalPoolingLayer.Builder(PoolingType.SUM).build()),
                of(new GlobalPoolingLayer.Builder(PoolingType.PNORM).build()),
                of(new SubsamplingLayer.Builder(PoolingType.PNORM)
                        .kernelSize(2, 2)
                        .pnorm(3)
                        .build()),
                of(new SubsamplingLayer.Builder()
                        .kernelSize(2, 2)
                        .stride(1, 1)
                        .dilation(2, 2)
                        .build()),
                of(new BatchNormalization.Builder(2, 0.5, true).build()),
                of(new BatchNorm.Builder().decay(0.1).build()),
                of(new BatchNorm.Builder().cumulativeAverage(true).build()),
                of(new ActivationLayer(Activation.SOFTMAX)),
                of(new ActivationLayer(Activation.RELU) {}), // a sub-class, which could compute anything
                of(new ConvolutionLayer.Builder(3, 3)
                        .nOut(5)
                        .weightNoise(new DropConnect(0.7))
                        .build()));
    }

    private static Stream<Arguments> ofVectors() {
        return Stream.of(
                of(new PReLULayer.Builder().inputShape(5).build()),
                of(new DenseLayer.Builder().nOut(6).hasLayerNorm(true).build()),
                of(new DenseLayer.Builder()
                        .nOut(6)
                        .weightNoise(new WeightNoise(new NormalDistribution(0, 0.1)))
                        .build()));
    }

    private static Arguments of(Layer layer) {
        return Arguments.of(layer);
    }

    @ParameterizedTest
    @MethodSource("ofImages")
    void betweenConvolutionAndDense(Layer layer) {
        Parity.of(Networks.classifier(InputType.convolutional(SIDE, SIDE, 2), convolution(), layer), images())
                .hold("convolution", ".*(org.deeplearning4j|BatchNormLayer)", "inner_product");
    }

    @ParameterizedTest
    @MethodSource("ofVectors")
    void betweenDenseLayers(Layer layer) {
        Parity.of(
                        Networks.classifier(
                                InputType.feedForward(4),
                                new DenseLayer.Builder().nOut(5).build(),
                                layer),
                        Networks.batch(4, 4))
                .hold("inner_product", "org.deeplearning4j", "inner_product");
    }

    @Test
    void first() {
        Parity.of(
                        Networks.classifier(
                                InputType.convolutional(SIDE, SIDE, 2),
                                new ZeroPaddingLayer.Builder(1, 1).build(),
                                convolution()),
                        images())
                .hold("org.deeplearning4j", "convolution", "inner_product");
    }

    @Test
    void onesThatArePutThere() {
        Parity.of(
                        Networks.classifier(
                                InputType.convolutional(SIDE, SIDE, 2),
                                convolution(),
                                new BatchNorm.Builder()
                                        .activation(Activation.RELU)
                                        .build(),
                                new SubsamplingLayer.Builder().kernelSize(2, 2).build(),
                                new BatchNormalization.Builder().build()),
                        images(),
                        layer -> layer instanceof BatchNorm || layer instanceof BatchNormalization)
                .hold(
                        "convolution",
                        "org.bncnn.norm.BatchNormLayer",
                        "pooling_max",
                        "org.deeplearning4j.nn.layers.normalization.BatchNormalization",
                        "inner_product");
    }

    @Test
    void activationsAreNotTakenFromThem() {
        Parity.of(
                        Networks.classifier(
                                InputType.convolutional(SIDE, SIDE, 2),
                                new ConvolutionLayer.Builder(3, 3).nOut(5).build(),
                                new ActivationLayer(Activation.RELU)),
                        images(),
                        layer -> layer instanceof ActivationLayer)
                .hold("convolution [^+]*$", "org.deeplearning4j.nn.layers.ActivationLayer", "inner_product");
    }

    /** Each layer may be asked to be an island, also those that take images as they are when oneDNN runs them. */
    @Test
    void allButTheOutput() {
        Parity.of(
                        Networks.classifier(
                                InputType.convolutional(SIDE, SIDE, 2),
                                convolution(),
                                new ActivationLayer(Activation.RELU),
                                new SubsamplingLayer.Builder().kernelSize(2, 2).build(),
                                new DenseLayer.Builder().nOut(5).build()),
                        images(),
                        layer -> true)
                .hold(
                        "org.deeplearning4j",
                        "org.deeplearning4j",
                        "org.deeplearning4j",
                        ".*org.deeplearning4j.nn.layers.feedforward.dense",
                        "inner_product");
    }

    private static ConvolutionLayer convolution() {
        return new ConvolutionLayer.Builder(3, 3)
                .nOut(5)
                .activation(Activation.TANH)
                .build();
    }

    private static DataSet images() {
        return Networks.batch(4, 2, SIDE, SIDE);
    }
}
