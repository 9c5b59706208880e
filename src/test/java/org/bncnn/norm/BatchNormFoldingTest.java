package org.bncnn.norm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import org.deeplearning4j.exception.DL4JInvalidConfigException;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

class BatchNormFoldingTest {
    private static final double TOLERANCE = 1e-10;
    private static final int SIDE = 8;

    private static org.deeplearning4j.nn.conf.layers.Layer convolution(boolean bias, Activation activation) {
        return new ConvolutionLayer.Builder(3, 3)
                .nOut(5)
                .hasBias(bias)
                .activation(activation)
                .build();
    }

    private static org.deeplearning4j.nn.conf.layers.Layer dense(boolean bias) {
        return new DenseLayer.Builder()
                .nOut(6)
                .hasBias(bias)
                .activation(Activation.IDENTITY)
                .build();
    }

    /** Which would be weights of NaN. */
    @ParameterizedTest
    @CsvSource({"-5, 1e-5, is -4.99", "1, NaN, is NaN", "1, -2, is -1"})
    void aVarianceThatHasNoRootIsRefused(double variance, double eps, String complaint) {
        BatchNormalization norm =
                new BatchNormalization.Builder().useLogStd(false).name("bn").build();
        norm.setEps(eps);
        MultiLayerNetwork network = network(dense(false), norm);
        network.getLayer(1).getParam("var").assign(variance);
        assertThatThrownBy(() -> BatchNormFolding.fold(network))
                .isInstanceOf(DL4JInvalidConfigException.class)
                .hasMessageStartingWith("bn: ")
                .hasMessageContaining(complaint);
    }

    @Test
    void weightsThatOverflowAreRefused() {
        MultiLayerNetwork network = network(
                dense(false), new BatchNormalization.Builder().name("bn").build());
        network.getLayer(1).getParam("gamma").assign(1e308);
        network.getLayer(0).getParam("W").assign(1e10);
        assertThatThrownBy(() -> BatchNormFolding.fold(network))
                .isInstanceOf(DL4JInvalidConfigException.class)
                .hasMessage("bn: folded into the layer before, it gives weights that are not finite");
    }

    @Test
    void intoConvolutionsAndDenseLayersWithAndWithoutBias() {
        MultiLayerNetwork network = network(
                convolution(false, Activation.IDENTITY),
                new BatchNormalization.Builder().build(),
                new ActivationLayer(Activation.RELU),
                new SubsamplingLayer.Builder().kernelSize(2, 2).stride(2, 2).build(),
                convolution(true, Activation.IDENTITY),
                new BatchNorm.Builder().activation(Activation.TANH).build(),
                dense(false),
                new BatchNormalization.Builder().useLogStd(true).build(),
                dense(true),
                new BatchNorm.Builder().lockGammaBeta(true).build());
        assertFolded(network, 4);
    }

    @Test
    void notWhereSomethingIsBetween() {
        MultiLayerNetwork network = network(
                new BatchNormalization.Builder().build(),
                convolution(true, Activation.RELU),
                new BatchNormalization.Builder().build(),
                new SubsamplingLayer.Builder().kernelSize(2, 2).stride(2, 2).build(),
                new BatchNormalization.Builder().build());
        assertFolded(network, 0);
    }

    @Test
    void notWhereAPreProcessorIsBetween() {
        var list = new NeuralNetConfiguration.Builder()
                .seed(3)
                .dataType(DataType.DOUBLE)
                .list()
                .layer(convolution(true, Activation.IDENTITY))
                .layer(new BatchNormalization.Builder().nIn(180).nOut(180).build())
                .layer(new OutputLayer.Builder(LossFunction.MCXENT)
                        .nIn(180)
                        .nOut(3)
                        .activation(Activation.SOFTMAX)
                        .build())
                .inputPreProcessor(1, new CnnToFeedForwardPreProcessor(6, 6, 5));
        MultiLayerConfiguration configuration = list.build();
        ((ConvolutionLayer) configuration.getConf(0).getLayer()).setNIn(2);
        assertFolded(initialised(configuration), 0);
    }

    @Test
    void onlyTheFirstOfTwo() {
        MultiLayerNetwork network = network(
                convolution(false, Activation.IDENTITY),
                new BatchNormalization.Builder().build(),
                new BatchNormalization.Builder().build());
        assertFolded(network, 1);
    }

    private static void assertFolded(MultiLayerNetwork network, int norms) {
        INDArray images = Nd4j.rand(DataType.DOUBLE, 3, 2, SIDE, SIDE);
        INDArray before = network.output(images).dup();
        int fused = (int) Arrays.stream(network.getLayers())
                .filter(layer -> layer.conf().getLayer() instanceof BatchNorm norm
                        && norm.getActivationFn().toString().equals("tanh"))
                .count();
        MultiLayerNetwork folded = BatchNormFolding.fold(network);
        assertThat(folded.getnLayers()).isEqualTo(network.getnLayers() + fused - norms);
        assertThat(folded.output(images).distance2(before)).isLessThan(TOLERANCE);
        assertThat(network.output(images)).isEqualTo(before);
    }

    private static MultiLayerNetwork network(org.deeplearning4j.nn.conf.layers.Layer... layers) {
        var list = new NeuralNetConfiguration.Builder()
                .seed(3)
                .dataType(DataType.DOUBLE)
                .list();
        for (var layer : layers) {
            list.layer(layer);
        }
        list.layer(new OutputLayer.Builder(LossFunction.MCXENT)
                .nOut(3)
                .activation(Activation.SOFTMAX)
                .build());
        return initialised(
                list.setInputType(InputType.convolutional(SIDE, SIDE, 2)).build());
    }

    private static MultiLayerNetwork initialised(MultiLayerConfiguration configuration) {
        MultiLayerNetwork network = new MultiLayerNetwork(configuration);
        network.init();
        for (Layer layer : network.getLayers()) {
            layer.paramTable().forEach((name, values) -> {
                // Running variances, and what they are the logarithm of, are positive; so may all the others be.
                values.assign(Nd4j.rand(values.dataType(), values.shape()).addi(0.1));
            });
        }
        return network;
    }
}
