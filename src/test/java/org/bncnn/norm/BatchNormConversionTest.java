package org.bncnn.norm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.deeplearning4j.exception.DL4JInvalidConfigException;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;

/** Networks turn from one layer to the other and back without losing a bit of their state. */
class BatchNormConversionTest {
    private static final double FLOAT_TOLERANCE = 1e-6;

    private final INDArray x = Nd4j.randn(DataType.FLOAT, 8, 1, 6, 6);
    private final INDArray labels = labels();

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aNetworkGoesThereAndBack(boolean useLogStd) {
        MultiLayerNetwork custom = network(new BatchNorm.Builder()
                .useLogStd(useLogStd)
                .decay(0.8)
                .eps(1e-3)
                .build());
        train(custom);
        MultiLayerNetwork builtin = BatchNormConversion.toBuiltin(custom);
        assertThat(builtin.getLayer(1).conf().getLayer()).isInstanceOf(BatchNormalization.class);
        assertSameState(builtin, custom);
        assertSameOutput(builtin.output(x), custom.output(x));

        MultiLayerNetwork back = BatchNormConversion.toCustom(builtin);
        assertThat(back.getLayerWiseConfigurations()).isEqualTo(custom.getLayerWiseConfigurations());
        assertSameState(back, custom);
        train(back);
        train(custom);
        assertSameState(back, custom);
    }

    @Test
    void aNetworkOfDl4jsGoesThereAndBack() {
        MultiLayerNetwork builtin = network(new BatchNormalization.Builder().build());
        train(builtin);
        MultiLayerNetwork custom = BatchNormConversion.toCustom(builtin);
        assertThat(custom.getLayer(1)).isInstanceOf(BatchNormLayer.class);
        assertSameState(custom, builtin);
        assertSameOutput(custom.output(x), builtin.output(x));
        MultiLayerNetwork back = BatchNormConversion.toBuiltin(custom);
        assertThat(back.getLayerWiseConfigurations()).isEqualTo(builtin.getLayerWiseConfigurations());
        assertSameState(back, builtin);
    }

    @Test
    void theOriginalStaysAsItIs() {
        MultiLayerNetwork custom = network(new BatchNorm.Builder().build());
        train(custom);
        INDArray before = custom.params().dup();
        MultiLayerNetwork builtin = BatchNormConversion.toBuiltin(custom);
        train(builtin);
        assertThat(custom.params()).isEqualTo(before);
        assertThat(custom.getLayer(1)).isInstanceOf(BatchNormLayer.class);
    }

    @Test
    void aFusedActivationBecomesALayer() {
        MultiLayerNetwork custom =
                network(new BatchNorm.Builder().activation(Activation.RELU).build());
        train(custom);
        MultiLayerNetwork builtin = BatchNormConversion.toBuiltin(custom);
        assertThat(builtin.getnLayers()).isEqualTo(custom.getnLayers() + 1);
        assertSameState(builtin, custom);
        assertSameOutput(builtin.output(x), custom.output(x));
    }

    @Test
    void aFrozenLayerIsConvertedAndStaysFrozen() {
        MultiLayerNetwork custom = network(new FrozenLayerWithBackprop(new BatchNorm.Builder().build()));
        train(custom);
        MultiLayerNetwork builtin = BatchNormConversion.toBuiltin(custom);
        assertThat(builtin.getLayerWiseConfigurations().getConf(1).getLayer())
                .isInstanceOfSatisfying(
                        FrozenLayerWithBackprop.class,
                        frozen -> assertThat(frozen.getUnderlying()).isInstanceOf(BatchNormalization.class));
        assertSameState(builtin, custom);
        assertSameOutput(builtin.output(x), custom.output(x));
        assertThat(BatchNormConversion.toCustom(builtin).getLayerWiseConfigurations())
                .isEqualTo(custom.getLayerWiseConfigurations());
    }

    @Test
    void lockedGammaAndBetaAreTakenOver() {
        MultiLayerNetwork custom = network(
                new BatchNorm.Builder().lockGammaBeta(true).gamma(2).beta(0.5).build());
        train(custom);
        assertSameOutput(BatchNormConversion.toBuiltin(custom).output(x), custom.output(x));
    }

    @Test
    void lockedValuesThatTheBuiltinLayerIgnoresAreRefused() {
        MultiLayerNetwork custom =
                network(new BatchNorm.Builder().lockGammaBeta(true).gamma(2).build());
        assertThatThrownBy(() -> BatchNormConversion.toBuiltin(custom))
                .isInstanceOf(DL4JInvalidConfigException.class)
                .hasMessageContaining("bn")
                .hasMessageContaining("2.0");
    }

    @Test
    void aGraphGoesThereAndBack() {
        ComputationGraph custom = graph(new BatchNorm.Builder().build());
        custom.fit(new DataSet(x, labels));
        ComputationGraph builtin = BatchNormConversion.toBuiltin(custom);
        assertThat(builtin.getVertex("bn").getLayer().conf().getLayer()).isInstanceOf(BatchNormalization.class);
        assertSameOutput(builtin.outputSingle(x), custom.outputSingle(x));
        ComputationGraph back = BatchNormConversion.toCustom(builtin);
        assertThat(back.getConfiguration().toJson())
                .isEqualTo(custom.getConfiguration().toJson());
        assertThat(back.params()).isEqualTo(custom.params());
        assertThat(back.updaterState()).isEqualTo(custom.updaterState());
        assertThat(back.getIterationCount()).isEqualTo(1);
    }

    @Test
    void aGraphWithAFusedActivationIsRefused() {
        ComputationGraph custom =
                graph(new BatchNorm.Builder().activation(Activation.RELU).build());
        assertThatThrownBy(() -> BatchNormConversion.toBuiltin(custom))
                .isInstanceOf(DL4JInvalidConfigException.class)
                .hasMessageContaining("\"bn\"");
    }

    private static void assertSameState(MultiLayerNetwork actual, MultiLayerNetwork expected) {
        assertThat(actual.params()).isEqualTo(expected.params());
        assertThat(actual.updaterState()).isEqualTo(expected.updaterState());
        assertThat(actual.getIterationCount()).isEqualTo(expected.getIterationCount());
    }

    private static void assertSameOutput(INDArray actual, INDArray expected) {
        assertThat(actual.sub(expected).amaxNumber().doubleValue()).isLessThanOrEqualTo(FLOAT_TOLERANCE);
    }

    private void train(MultiLayerNetwork network) {
        for (int i = 0; i < 3; i++) {
            network.fit(x, labels);
        }
    }

    private static MultiLayerNetwork network(Layer batchNorm) {
        batchNorm.setLayerName("bn");
        MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(3)
                .updater(new Adam(0.01))
                .l2(1e-3)
                .activation(Activation.IDENTITY)
                .list()
                .layer(convolution())
                .layer(batchNorm)
                .layer(output())
                .setInputType(InputType.convolutional(6, 6, 1))
                .build());
        network.init();
        return network;
    }

    private static ComputationGraph graph(Layer batchNorm) {
        ComputationGraph graph = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .seed(3)
                .updater(new Adam(0.01))
                .activation(Activation.IDENTITY)
                .graphBuilder()
                .addInputs("in")
                .addLayer("conv", convolution(), "in")
                .addLayer("bn", batchNorm, "conv")
                .addLayer("out", output(), "bn")
                .setOutputs("out")
                .setInputTypes(InputType.convolutional(6, 6, 1))
                .build());
        graph.init();
        return graph;
    }

    private static Layer convolution() {
        return new ConvolutionLayer.Builder(3, 3)
                .nOut(4)
                .activation(Activation.IDENTITY)
                .build();
    }

    private static Layer output() {
        return new OutputLayer.Builder().nOut(2).activation(Activation.SOFTMAX).build();
    }

    private static INDArray labels() {
        INDArray labels = Nd4j.zeros(DataType.FLOAT, 8, 2);
        for (int n = 0; n < 8; n++) {
            labels.putScalar(n, n % 2, 1);
        }
        return labels;
    }
}
