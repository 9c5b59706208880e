package org.bncnn.norm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.stream.Stream;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.Convolution3D;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.preprocessor.Cnn3DToFeedForwardPreProcessor;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * Networks whose activations are not {@code [N, C, H, W]}: channels last, volumes, sequences with and without masks.
 */
class BatchNormInputFormatsTest {
    private static final int N = 6;
    private static final int CHANNELS = 3;
    private static final int CLASSES = 2;
    private static final int STEPS = 8;
    private static final double DECAY = 0.9;

    /** Float roundings of two ways to compute the same, grown over a few steps; parameters are about 1. */
    private static final double FLOAT_TOLERANCE = 5e-5;

    @BeforeEach
    void seedRandomNumbers() {
        Nd4j.getRandom().setSeed(3);
    }

    @Test
    void imagesWithChannelsLastTrainToTheSameParameters() {
        INDArray x = Nd4j.randn(DataType.FLOAT, N, 2, 5, 4);
        MultiLayerNetwork first = ofImages(CNN2DFormat.NCHW);
        MultiLayerNetwork last = ofImages(CNN2DFormat.NHWC);
        last.setParams(first.params());
        for (int step = 0; step < STEPS; step++) {
            first.fit(x, labels());
            last.fit(x.permute(0, 2, 3, 1).dup('c'), labels());
        }
        assertClose(last.params(), first.params());
        assertClose(last.output(x.permute(0, 2, 3, 1).dup('c')), first.output(x));
    }

    private static MultiLayerNetwork ofImages(CNN2DFormat format) {
        return initialised(global().layer(new ConvolutionLayer.Builder(2, 2)
                        .nOut(CHANNELS)
                        .dataFormat(format)
                        .activation(Activation.IDENTITY)
                        .build())
                .layer(new BatchNorm())
                .layer(new ActivationLayer(Activation.RELU))
                .layer(new GlobalPoolingLayer(PoolingType.AVG))
                .layer(output())
                .setInputType(InputType.convolutional(5, 4, 2, format)));
    }

    static Stream<Arguments> volumes() {
        return Stream.of(
                Arguments.of(Convolution3D.DataFormat.NCDHW, new long[] {N, 2, 3, 4, 5}, new int[] {0, 2, 3, 4}),
                Arguments.of(Convolution3D.DataFormat.NDHWC, new long[] {N, 3, 4, 5, 2}, new int[] {0, 1, 2, 3}));
    }

    @ParameterizedTest
    @MethodSource("volumes")
    void volumesTrainAndMoveTheRunningStatistics(Convolution3D.DataFormat format, long[] shape, int[] positions) {
        // DL4J takes what comes out of any Convolution3D for NDHWC, so the last layer's preprocessor has to be told as
        // well.
        MultiLayerNetwork network = initialised(global().layer(new Convolution3D.Builder(2, 2, 2)
                        .nOut(CHANNELS)
                        .dataFormat(format)
                        .activation(Activation.IDENTITY)
                        .build())
                .layer(new BatchNorm.Builder()
                        .decay(DECAY)
                        .channelsLast(format == Convolution3D.DataFormat.NDHWC)
                        .build())
                .layer(output())
                .inputPreProcessor(
                        2,
                        new Cnn3DToFeedForwardPreProcessor(2, 3, 4, CHANNELS, format == Convolution3D.DataFormat.NCDHW))
                .setInputType(InputType.convolutional3D(format, 3, 4, 5, 2)));
        INDArray x = Nd4j.randn(DataType.FLOAT, shape);
        INDArray convolved = network.feedForwardToLayer(0, x).get(1);

        network.fit(x, labels());

        Layer normalization = network.getLayer(1);
        assertClose(normalization.getParam("mean"), convolved.mean(positions).mul(1 - DECAY));
        assertClose(
                normalization.getParam("var"),
                convolved.var(true, positions).mul(1 - DECAY).add(DECAY));
        assertLossFalls(network, new DataSet(x, labels()));
    }

    @ParameterizedTest
    @EnumSource
    void sequencesTrain(RNNFormat format) {
        assertLossFalls(ofSequences(format), new DataSet(sequences(format, 5), sequenceLabels(format, 5)));
    }

    /** Once behind a layer that clears what is masked, and once by itself. */
    @ParameterizedTest
    @EnumSource
    void maskedStepsAreAsIfTheyWereNot(RNNFormat format) {
        INDArray x = sequences(format, 5);
        INDArray labels = sequenceLabels(format, 5);
        INDArray mask = Nd4j.ones(N, 5);
        mask.get(NDArrayIndex.all(), NDArrayIndex.interval(3, 5)).assign(0);
        MultiLayerNetwork masked = ofSequences(format);
        MultiLayerNetwork cut = masked.clone();

        masked.fit(new DataSet(x, labels, mask, mask));
        cut.fit(new DataSet(firstThree(format, x), firstThree(format, labels)));

        assertClose(masked.params(), cut.params());
    }

    /** Sequences of all lengths. */
    @Test
    void whatStandsAtMaskedStepsDoesNotCount() {
        INDArray labels = sequenceLabels(RNNFormat.NCW, 5);
        INDArray mask = Nd4j.ones(N, 5);
        for (int n = 0; n < N; n++) {
            mask.get(NDArrayIndex.point(n), NDArrayIndex.interval(Math.max(1, 5 - n), 5))
                    .assign(0);
        }
        INDArray x = sequences(RNNFormat.NCW, 5);
        INDArray kept = mask.reshape(N, 1, 5);
        INDArray other = x.mul(kept).add(kept.rsub(1).mul(1000));
        MultiLayerNetwork network = ofSequences(RNNFormat.NCW);
        MultiLayerNetwork twin = network.clone();

        network.fit(new DataSet(x, labels, mask, mask));
        twin.fit(new DataSet(other, labels, mask, mask));

        assertThat(other.amaxNumber().doubleValue()).isEqualTo(1000);
        assertThat(twin.params().ravel().toDoubleVector())
                .containsExactly(network.params().ravel().toDoubleVector());
    }

    /** Normalises the input too, since that is where masked steps are not 0 yet. */
    private static MultiLayerNetwork ofSequences(RNNFormat format) {
        return initialised(global().layer(new BatchNorm())
                .layer(new LSTM.Builder().nOut(4).dataFormat(format).build())
                .layer(new BatchNorm())
                .layer(new RnnOutputLayer.Builder(LossFunction.MCXENT)
                        .nOut(CLASSES)
                        .dataFormat(format)
                        .activation(Activation.SOFTMAX)
                        .build())
                .setInputType(InputType.recurrent(CHANNELS, format)));
    }

    private static INDArray sequences(RNNFormat format, int length) {
        return inFormat(format, Nd4j.randn(DataType.FLOAT, N, CHANNELS, length));
    }

    private static INDArray sequenceLabels(RNNFormat format, int length) {
        INDArray labels = Nd4j.zeros(N, CLASSES, length);
        for (int n = 0; n < N; n++) {
            for (int t = 0; t < length; t++) {
                labels.putScalar(new int[] {n, (n + t) % CLASSES, t}, 1);
            }
        }
        return inFormat(format, labels);
    }

    private static INDArray inFormat(RNNFormat format, INDArray ncw) {
        return format == RNNFormat.NCW ? ncw : ncw.permute(0, 2, 1).dup('c');
    }

    private static INDArray firstThree(RNNFormat format, INDArray sequences) {
        return (format == RNNFormat.NCW
                        ? sequences.get(NDArrayIndex.all(), NDArrayIndex.all(), NDArrayIndex.interval(0, 3))
                        : sequences.get(NDArrayIndex.all(), NDArrayIndex.interval(0, 3), NDArrayIndex.all()))
                .dup('c');
    }

    private static NeuralNetConfiguration.ListBuilder global() {
        return new NeuralNetConfiguration.Builder()
                .seed(1)
                .updater(new Sgd(0.1))
                .list();
    }

    private static OutputLayer output() {
        return new OutputLayer.Builder(LossFunction.MCXENT)
                .nOut(CLASSES)
                .activation(Activation.SOFTMAX)
                .build();
    }

    private static MultiLayerNetwork initialised(NeuralNetConfiguration.ListBuilder configuration) {
        MultiLayerNetwork network = new MultiLayerNetwork(configuration.build());
        network.init();
        return network;
    }

    private static INDArray labels() {
        INDArray labels = Nd4j.zeros(N, CLASSES);
        for (int n = 0; n < N; n++) {
            labels.putScalar(n, n % CLASSES, 1);
        }
        return labels;
    }

    private static void assertLossFalls(MultiLayerNetwork network, DataSet data) {
        network.fit(data);
        double first = network.score();
        for (int step = 1; step < STEPS; step++) {
            network.fit(data);
        }
        assertThat(network.score()).isLessThan(first);
    }

    private static void assertClose(INDArray actual, INDArray expected) {
        assertThat(actual.ravel().toDoubleVector())
                .containsExactly(expected.ravel().toDoubleVector(), within(FLOAT_TOLERANCE));
    }
}
