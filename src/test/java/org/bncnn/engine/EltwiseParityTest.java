package org.bncnn.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationCube;
import org.nd4j.linalg.activations.impl.ActivationELU;
import org.nd4j.linalg.activations.impl.ActivationGELU;
import org.nd4j.linalg.activations.impl.ActivationHardSigmoid;
import org.nd4j.linalg.activations.impl.ActivationHardTanH;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationLReLU;
import org.nd4j.linalg.activations.impl.ActivationMish;
import org.nd4j.linalg.activations.impl.ActivationRationalTanh;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.activations.impl.ActivationReLU6;
import org.nd4j.linalg.activations.impl.ActivationSELU;
import org.nd4j.linalg.activations.impl.ActivationSigmoid;
import org.nd4j.linalg.activations.impl.ActivationSoftPlus;
import org.nd4j.linalg.activations.impl.ActivationSoftSign;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;
import org.nd4j.linalg.activations.impl.ActivationSwish;
import org.nd4j.linalg.activations.impl.ActivationTanH;
import org.nd4j.linalg.activations.impl.ActivationThresholdedReLU;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Each activation function where it can be: in a convolution, in a dense layer, in a layer of its own. */
class EltwiseParityTest {
    private static final int SIDE = 5;
    private static final String ISLAND = "org.deeplearning4j.nn.layers.ActivationLayer";

    private static Stream<Arguments> functions() {
        return Stream.of(
                Arguments.of(new ActivationIdentity(), null),
                Arguments.of(new ActivationReLU(), "relu"),
                Arguments.of(new ActivationReLU(2.0, 0.0, 0.0), ISLAND),
                Arguments.of(new ActivationLReLU(0.1), "relu"),
                Arguments.of(new ActivationLReLU(-0.1), ISLAND),
                Arguments.of(new ActivationELU(), "elu"),
                Arguments.of(new ActivationELU(0.5), ISLAND),
                Arguments.of(new ActivationSigmoid(), "logistic"),
                Arguments.of(new ActivationTanH(), "tanh"),
                Arguments.of(new ActivationReLU6(), "clip_v2"),
                Arguments.of(new ActivationHardTanH(), "clip"),
                Arguments.of(new ActivationSoftPlus(), "soft_relu"),
                Arguments.of(new ActivationSwish(), "swish"),
                Arguments.of(new ActivationCube(), ISLAND),
                Arguments.of(new ActivationHardSigmoid(), ISLAND),
                Arguments.of(new ActivationMish(), ISLAND),
                Arguments.of(new ActivationGELU(), ISLAND),
                Arguments.of(new ActivationRationalTanh(), ISLAND),
                Arguments.of(new ActivationSELU(), ISLAND),
                Arguments.of(new ActivationSoftSign(), ISLAND),
                Arguments.of(new ActivationThresholdedReLU(0.5), ISLAND));
    }

    @ParameterizedTest
    @MethodSource("functions")
    void inAConvolution(IActivation function, String name) {
        ConvolutionLayer layer =
                new ConvolutionLayer.Builder(3, 3).nOut(9).activation(function).build();
        Parity.of(Networks.classifier(InputType.convolutional(SIDE, SIDE, 2), first(), layer), images())
                .hold("convolution", "convolution" + behind(name), "inner_product");
    }

    @ParameterizedTest
    @MethodSource("functions")
    void inADenseLayer(IActivation function, String name) {
        DenseLayer layer = new DenseLayer.Builder().nOut(9).activation(function).build();
        Parity.of(Networks.classifier(InputType.convolutional(SIDE, SIDE, 2), first(), layer), images())
                .hold("convolution", "inner_product" + behind(name), "inner_product");
    }

    /** Behind pooling, which nothing can be fused into. */
    @ParameterizedTest
    @MethodSource("functions")
    void alone(IActivation function, String name) {
        SubsamplingLayer pooling =
                new SubsamplingLayer.Builder().kernelSize(2, 2).stride(1, 1).build();
        ActivationLayer layer =
                new ActivationLayer.Builder().activation(function).build();
        Parity.of(Networks.classifier(InputType.convolutional(SIDE, SIDE, 2), first(), pooling, layer), images())
                .hold("convolution", "pooling_max", name == null ? "nothing to do" : name, "inner_product");
    }

    @Test
    void softmaxOfVectors() {
        DenseLayer layer = new DenseLayer.Builder()
                .nOut(9)
                .activation(new ActivationSoftmax())
                .build();
        Parity.of(Networks.classifier(InputType.convolutional(SIDE, SIDE, 2), first(), layer), images())
                .hold("convolution", "inner_product .*, softmax", "inner_product");
    }

    /** Where functions change from one branch to another, and where they are saturated, fused or alone. */
    @ParameterizedTest
    @MethodSource("functions")
    void onTheEdges(IActivation function, String name) {
        float[] edges = {0, 1, -1, 6, 2.5f, -2.5f, 20, -20};
        if (function instanceof ActivationLReLU) {
            edges[0] = Float.MIN_NORMAL; // 0 has a test of its own
        } else if (function instanceof ActivationHardTanH) {
            edges[2] = Math.nextUp(-1f); // so has −1
        }
        Layer linear =
                new DenseLayer.Builder().nOut(edges.length).hasBias(false).build();
        Layer alone = new ActivationLayer.Builder().activation(function).build();
        Layer fused = new DenseLayer.Builder()
                .nOut(edges.length)
                .hasBias(false)
                .activation(function)
                .build();
        DataSet ones = Networks.batch(2, 1);
        ones.getFeatures().assign(1);
        for (Layer[] layers : List.of(new Layer[] {linear, alone}, new Layer[] {fused})) {
            Parity.of(Networks.classifier(InputType.feedForward(1), layers), ones)
                    .with(network -> network.setParam("0_W", Nd4j.createFromArray(new float[][] {edges})))
                    .assertSameOutput()
                    .assertSameGradients();
        }
    }

    /** A subgradient either way. DL4J takes that of the branch above, oneDNN as PyTorch that of the branch below. */
    @Test
    void atTheKinkTheSlopeIsThatOfTheBranchBelow() {
        assertThat(slopeAt(0, new ActivationLReLU(0.1), false)).isEqualTo(1);
        assertThat(slopeAt(0, new ActivationLReLU(0.1), true)).isCloseTo(0.1, within(1e-6));
        assertThat(slopeAt(-1, new ActivationHardTanH(), false)).isEqualTo(1);
        assertThat(slopeAt(-1, new ActivationHardTanH(), true)).isZero();
    }

    private static double slopeAt(float z, IActivation function, boolean accelerated) {
        MultiLayerNetwork network = Networks.random(Networks.global()
                .list()
                .layer(new DenseLayer.Builder()
                        .nOut(1)
                        .hasBias(false)
                        .activation(function)
                        .build())
                .layer(new OutputLayer.Builder(LossFunction.L1)
                        .nOut(1)
                        .hasBias(false)
                        .activation(Activation.IDENTITY)
                        .build())
                .setInputType(InputType.feedForward(1))
                .build());
        network.params().assign(1);
        network.setParam("0_W", Nd4j.scalar(z).reshape(1, 1));
        MultiLayerNetwork runs = accelerated ? OneDnnNetwork.accelerate(network) : network;
        runs.setInput(Nd4j.ones(1, 1));
        runs.setLabels(Nd4j.ones(1, 1).mul(-2));
        runs.computeGradientAndScore();
        return runs.gradient().getGradientFor("0_W").getDouble(0);
    }

    /** What follows the primitive that a function is behind: it is fused where its derivative is one of its output. */
    private static String behind(String name) {
        if (name == null) {
            return " [^,]*$";
        }
        return Set.of("relu", "elu", "logistic", "tanh", "clip_v2").contains(name) ? " \\+ " + name : " .*, " + name;
    }

    private static ConvolutionLayer first() {
        return new ConvolutionLayer.Builder(1, 1).nOut(3).build();
    }

    private static DataSet images() {
        return Networks.batch(3, 2, SIDE, SIDE);
    }
}
