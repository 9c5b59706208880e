package org.bncnn.export.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.Stream;
import onnx.Onnx.GraphProto;
import onnx.Onnx.ModelProto;
import org.bncnn.export.NotExportableException;
import org.bncnn.store.ModelFile;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.params.ParameterizedTest;
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
import org.nd4j.linalg.activations.impl.ActivationPReLU;
import org.nd4j.linalg.activations.impl.ActivationRReLU;
import org.nd4j.linalg.activations.impl.ActivationRationalTanh;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.activations.impl.ActivationReLU6;
import org.nd4j.linalg.activations.impl.ActivationRectifiedTanh;
import org.nd4j.linalg.activations.impl.ActivationSELU;
import org.nd4j.linalg.activations.impl.ActivationSigmoid;
import org.nd4j.linalg.activations.impl.ActivationSoftPlus;
import org.nd4j.linalg.activations.impl.ActivationSoftSign;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;
import org.nd4j.linalg.activations.impl.ActivationSwish;
import org.nd4j.linalg.activations.impl.ActivationTanH;
import org.nd4j.linalg.activations.impl.ActivationThresholdedReLU;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Each activation function, from where it is flat on the one side to where it is on the other. */
class OnnxActivationTest {
    private static final int VALUES = 240;

    static Stream<IActivation> exported() {
        return Stream.of(
                new ActivationCube(),
                new ActivationELU(),
                new ActivationELU(0.7),
                new ActivationGELU(),
                new ActivationHardSigmoid(),
                new ActivationHardTanH(),
                new ActivationIdentity(),
                new ActivationLReLU(),
                new ActivationLReLU(0.3),
                new ActivationMish(),
                new ActivationReLU(),
                new ActivationReLU(2.5, null, null),
                new ActivationReLU(2.5, 0.0, 0.2),
                new ActivationReLU(null, null, 0.2),
                new ActivationReLU6(),
                new ActivationRectifiedTanh(),
                new ActivationSELU(),
                new ActivationSigmoid(),
                new ActivationSoftPlus(),
                new ActivationSoftSign(),
                new ActivationSoftmax(),
                new ActivationSwish(),
                new ActivationTanH(),
                new ActivationThresholdedReLU(),
                new ActivationThresholdedReLU(0.4));
    }

    @ParameterizedTest
    @MethodSource("exported")
    void ofVectors(IActivation activation) throws Exception {
        INDArray input = Nd4j.linspace(DataType.FLOAT, -8, 0.067, VALUES).reshape(12, 20);
        OnnxParity.hold(network(activation), input, new OnnxOptions(false, List.of(20)));
    }

    /** Softmax is over the width there, as DL4J has it. */
    @ParameterizedTest
    @MethodSource("exported")
    void ofImages(IActivation activation) throws Exception {
        INDArray input = Nd4j.linspace(DataType.FLOAT, -8, 0.067, VALUES).reshape(4, 3, 4, 5);
        OnnxParity.hold(network(activation), input, new OnnxOptions(false, List.of(3, 4, 5)));
    }

    static Stream<IActivation> refused() {
        return Stream.of(
                new ActivationGELU(true),
                new ActivationPReLU(Nd4j.ones(20), null),
                new ActivationRReLU(),
                new ActivationRationalTanh(),
                new OwnActivation());
    }

    @ParameterizedTest
    @MethodSource("refused")
    void othersAreRefused(IActivation activation) {
        MultiLayerNetwork network = network(activation);
        assertThatThrownBy(() -> model(network))
                .isInstanceOf(NotExportableException.class)
                .hasMessage("layer 0 (act, ActivationLayer): its activation " + activation + " is not exported");
    }

    @ParameterizedTest
    @MethodSource("refusedThresholds")
    void aReluWithAThresholdIsRefused(double threshold) {
        MultiLayerNetwork network = network(new ActivationReLU(null, threshold, null));
        assertThatThrownBy(() -> model(network))
                .isInstanceOf(NotExportableException.class)
                .hasMessage(
                        "layer 0 (act, ActivationLayer): its activation relu has a threshold, which ONNX's has not");
    }

    static Stream<Double> refusedThresholds() {
        return Stream.of(0.5, -0.5);
    }

    static Stream<Activation> probabilities() {
        return Stream.of(Activation.SOFTMAX, Activation.SIGMOID);
    }

    @ParameterizedTest
    @MethodSource("probabilities")
    void onlyProbabilitiesAreCalledSo(Activation last) throws Exception {
        assertThat(graph(network(new ActivationTanH())).getOutput(0).getName()).isEqualTo("output");
        GraphProto graph = graph(network(last.getActivationFunction(), new ActivationIdentity()));
        assertThat(graph.getOutput(0).getName()).isEqualTo("probabilities");
    }

    private static GraphProto graph(MultiLayerNetwork network) throws Exception {
        return ModelProto.parseFrom(model(network).toByteArray()).getGraph();
    }

    private static OnnxModel model(MultiLayerNetwork network) throws NotExportableException {
        return OnnxModel.of(new ModelFile(network, null, null), new OnnxOptions(false, List.of(20)));
    }

    private static MultiLayerNetwork network(IActivation activation) {
        return network(new ActivationIdentity(), activation);
    }

    private static MultiLayerNetwork network(IActivation last, IActivation activation) {
        MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .list()
                .layer(new ActivationLayer.Builder()
                        .name("act")
                        .activation(activation)
                        .build())
                .layer(new LossLayer.Builder(LossFunction.MSE).activation(last).build())
                .build());
        network.init();
        return network;
    }

    /** One that only its author knows. */
    static final class OwnActivation extends ActivationCube {
        private static final long serialVersionUID = 1L;
    }
}
