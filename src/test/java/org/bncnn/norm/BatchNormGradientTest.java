package org.bncnn.norm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.deeplearning4j.gradientcheck.GradientCheckUtil;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.Convolution3D;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.weights.WeightInit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.buffer.util.DataTypeUtil;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.NoOp;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * Holds the gradients to finite differences of the loss, in double. The weights of the layer below are checked too, and
 * with them ∂ℓ/∂x; the running statistics have no gradients.
 */
class BatchNormGradientTest {
    private static final int EXAMPLES = 5;
    private static final int CLASSES = 3;

    /** The step of the central differences, whose error is of its square. */
    private static final double STEP = 1e-6;

    private static final double RELATIVE_ERROR = 1e-5;
    private static final double ABSOLUTE_ERROR = 1e-9;

    private DataType before;

    @BeforeEach
    void computeInDouble() {
        before = DataTypeUtil.getDtypeFromContext();
        DataTypeUtil.setDTypeForContext(DataType.DOUBLE);
        Nd4j.getRandom().setSeed(7);
    }

    @AfterEach
    void restore() {
        DataTypeUtil.setDTypeForContext(before);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void rank2(boolean locked) {
        BatchNorm.Builder batchNorm =
                new BatchNorm.Builder().lockGammaBeta(locked).gamma(1.3).beta(0.2);
        check(InputType.feedForward(4), new DenseLayer.Builder().nOut(6).build(), batchNorm, 4);
    }

    @ParameterizedTest
    @EnumSource(CNN2DFormat.class)
    void rank4(CNN2DFormat format) {
        long[] shape = format == CNN2DFormat.NCHW ? new long[] {2, 5, 4} : new long[] {5, 4, 2};
        check(
                InputType.convolutional(5, 4, 2, format),
                new ConvolutionLayer.Builder(2, 3).dataFormat(format).nOut(3).build(),
                new BatchNorm.Builder(),
                shape);
    }

    @Test
    void rank5() {
        check(
                InputType.convolutional3D(Convolution3D.DataFormat.NCDHW, 3, 4, 3, 2),
                new Convolution3D.Builder(2, 2, 2)
                        .convolutionMode(ConvolutionMode.Same) // in other modes DL4J mistakes its output for NDHWC
                        .nOut(3)
                        .build(),
                new BatchNorm.Builder(),
                2,
                3,
                4,
                3);
    }

    @ParameterizedTest
    @EnumSource(names = {"TANH", "SIGMOID", "SOFTPLUS"})
    void withAnActivation(Activation activation) {
        check(
                InputType.feedForward(4),
                new DenseLayer.Builder().nOut(6).build(),
                new BatchNorm.Builder().activation(activation),
                4);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void rank3(boolean masked) {
        int steps = 4;
        MultiLayerNetwork network = network(
                InputType.recurrent(3, steps),
                new LSTM.Builder().nOut(4).build(),
                new BatchNorm.Builder(),
                new RnnOutputLayer.Builder(LossFunction.MCXENT)
                        .nOut(CLASSES)
                        .activation(Activation.SOFTMAX)
                        .build());
        INDArray labels = Nd4j.zeros(DataType.DOUBLE, EXAMPLES, CLASSES, steps);
        INDArray mask = masked ? Nd4j.ones(DataType.DOUBLE, EXAMPLES, steps) : null;
        for (int n = 0; n < EXAMPLES; n++) {
            for (int t = 0; t < steps; t++) {
                labels.putScalar(n, (n + t) % CLASSES, t, 1);
            }
            if (masked) {
                mask.putScalar(n, steps - 1, n % 2);
            }
        }
        assertThat(GradientCheckUtil.checkGradients(config(network)
                        .input(Nd4j.randn(DataType.DOUBLE, EXAMPLES, 3, steps))
                        .labels(labels)
                        .inputMask(mask)
                        .labelMask(mask)))
                .isTrue();
    }

    private static void check(InputType input, Layer first, BatchNorm.Builder batchNorm, long... shapeOfExample) {
        MultiLayerNetwork network = network(
                input,
                first,
                batchNorm,
                new OutputLayer.Builder(LossFunction.MCXENT)
                        .nOut(CLASSES)
                        .activation(Activation.SOFTMAX)
                        .build());
        long[] shape = new long[shapeOfExample.length + 1];
        shape[0] = EXAMPLES;
        System.arraycopy(shapeOfExample, 0, shape, 1, shapeOfExample.length);
        INDArray labels = Nd4j.zeros(DataType.DOUBLE, EXAMPLES, CLASSES);
        for (int n = 0; n < EXAMPLES; n++) {
            labels.putScalar(n, n % CLASSES, 1);
        }
        assertThat(GradientCheckUtil.checkGradients(config(network)
                        .input(Nd4j.randn(DataType.DOUBLE, shape))
                        .labels(labels)))
                .isTrue();
    }

    private static MultiLayerNetwork network(InputType input, Layer first, BatchNorm.Builder batchNorm, Layer output) {
        MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .dataType(DataType.DOUBLE)
                .seed(11)
                .updater(new NoOp())
                .weightInit(WeightInit.XAVIER)
                .activation(Activation.IDENTITY)
                .list()
                .layer(first)
                .layer(batchNorm.name("bn").build())
                .layer(new ActivationLayer(Activation.TANH))
                .layer(output)
                .setInputType(input)
                .build());
        network.init();
        INDArray gamma = network.getLayer("bn").getParam("gamma");
        if (gamma != null) {
            gamma.addi(Nd4j.randn(DataType.DOUBLE, gamma.shape()).muli(0.3));
            network.getLayer("bn").getParam("beta").addi(0.1);
        }
        return network;
    }

    private static GradientCheckUtil.MLNConfig config(MultiLayerNetwork network) {
        return new GradientCheckUtil.MLNConfig()
                .net(network)
                .epsilon(STEP)
                .maxRelError(RELATIVE_ERROR)
                .minAbsoluteError(ABSOLUTE_ERROR)
                .excludeParams(Set.of("1_mean", "1_var"))
                .print(GradientCheckUtil.PrintMode.FAILURES_ONLY);
    }
}
