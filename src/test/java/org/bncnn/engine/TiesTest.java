package org.bncnn.engine;

import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Where several values of a window are the largest, as behind a ReLU, the gradient goes to the one DL4J sends it to.
 */
class TiesTest {
    private static Stream<Layer> pooling() {
        return Stream.of(
                new SubsamplingLayer.Builder().kernelSize(2, 2).stride(2, 2).build(),
                new SubsamplingLayer.Builder().kernelSize(3, 3).stride(1, 1).build(),
                new SubsamplingLayer.Builder()
                        .kernelSize(3, 3)
                        .stride(2, 2)
                        .convolutionMode(ConvolutionMode.Same)
                        .build(),
                new GlobalPoolingLayer(PoolingType.MAX));
    }

    @ParameterizedTest
    @MethodSource("pooling")
    void goToTheSame(Layer pooling) {
        // Two values per pixel, of which a window has many; weights make all channels different.
        DataSet batch = Networks.batch(3, 2, 6, 6);
        batch.setFeatures(Nd4j.math().sign(batch.getFeatures()));
        ConvolutionLayer convolution = new ConvolutionLayer.Builder(1, 1)
                .nOut(9)
                .activation(Activation.RELU)
                .build();
        Parity.of(Networks.classifier(InputType.convolutional(6, 6, 2), convolution, pooling), batch)
                .hold("convolution \\+ relu", "pooling_max", "inner_product");
    }
}
