package org.bncnn.engine;

import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.dropout.AlphaDropout;
import org.deeplearning4j.nn.conf.dropout.Dropout;
import org.deeplearning4j.nn.conf.dropout.GaussianDropout;
import org.deeplearning4j.nn.conf.dropout.GaussianNoise;
import org.deeplearning4j.nn.conf.dropout.IDropout;
import org.deeplearning4j.nn.conf.dropout.SpatialDropout;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import org.nd4j.linalg.schedule.ScheduleType;
import org.nd4j.linalg.schedule.StepSchedule;

/** From the same seed, dropout draws the same random numbers. */
class DropoutParityTest {
    private static final String ISLAND = "org.deeplearning4j.nn.layers.DropoutLayer";
    private static final InputType IMAGES = InputType.convolutional(5, 5, 2);

    private static Stream<IDropout> kinds() {
        return Stream.of(
                new Dropout(0.6),
                new Dropout(new StepSchedule(ScheduleType.ITERATION, 0.8, 0.5, 1)),
                new AlphaDropout(0.6),
                new GaussianDropout(0.4),
                new GaussianNoise(0.3),
                new SpatialDropout(0.6));
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void ofAConvolutionsInput(IDropout dropout) {
        ConvolutionLayer layer =
                new ConvolutionLayer.Builder(3, 3).nOut(5).dropOut(dropout).build();
        Parity.of(Networks.classifier(IMAGES, first(), layer), images())
                .runs(false, "convolution", "convolution", "inner_product")
                .hold("convolution", ISLAND + ", convolution", "inner_product");
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void aLayerOfItsOwn(IDropout dropout) {
        Parity.of(Networks.classifier(IMAGES, first(), new DropoutLayer(dropout)), images())
                .hold("convolution", ISLAND, "inner_product");
    }

    @Test
    void ofDenseAndOutputLayers() {
        DenseLayer layer = new DenseLayer.Builder()
                .nOut(6)
                .dropOut(0.6)
                .activation(Activation.TANH)
                .build();
        OutputLayer output = new OutputLayer.Builder(LossFunction.MCXENT)
                .nOut(Networks.CLASSES)
                .dropOut(0.6)
                .activation(Activation.SOFTMAX)
                .build();
        Parity.of(
                        Networks.global()
                                .list()
                                .layer(first())
                                .layer(layer)
                                .layer(output)
                                .setInputType(IMAGES)
                                .build(),
                        images())
                .hold("convolution", ISLAND + ", inner_product", ISLAND + ", inner_product");
    }

    /** A network-wide dropout is that of some kinds of layers, and others ignore it. */
    @Test
    void ofWholeNetworks() {
        Parity.of(
                        Networks.global()
                                .dropOut(0.7)
                                .list()
                                .layer(first())
                                .layer(new BatchNormalization())
                                .layer(new ActivationLayer(Activation.TANH))
                                .layer(new SubsamplingLayer.Builder()
                                        .kernelSize(2, 2)
                                        .build())
                                .layer(new DropoutLayer())
                                .layer(new GlobalPoolingLayer(PoolingType.AVG))
                                .layer(new DenseLayer.Builder()
                                        .nOut(Networks.CLASSES)
                                        .build())
                                .layer(new LossLayer.Builder(LossFunction.MCXENT)
                                        .activation(Activation.SOFTMAX)
                                        .build())
                                .setInputType(IMAGES)
                                .build(),
                        images())
                .hold(
                        ISLAND + ", convolution",
                        "batch_normalization",
                        "tanh",
                        "pooling_max",
                        ISLAND,
                        "pooling_avg",
                        ISLAND + ", inner_product",
                        "nothing to do");
    }

    private static ConvolutionLayer first() {
        return new ConvolutionLayer.Builder(1, 1).nOut(3).build();
    }

    private static DataSet images() {
        return Networks.batch(4, 2, 5, 5);
    }
}
