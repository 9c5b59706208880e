package org.bncnn.engine;

import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.ILossFunction;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import org.nd4j.linalg.lossfunctions.impl.LossBinaryXENT;
import org.nd4j.linalg.lossfunctions.impl.LossHinge;
import org.nd4j.linalg.lossfunctions.impl.LossL1;
import org.nd4j.linalg.lossfunctions.impl.LossL2;
import org.nd4j.linalg.lossfunctions.impl.LossMAE;
import org.nd4j.linalg.lossfunctions.impl.LossMCXENT;
import org.nd4j.linalg.lossfunctions.impl.LossMSE;
import org.nd4j.linalg.lossfunctions.impl.LossNegativeLogLikelihood;
import org.nd4j.linalg.lossfunctions.impl.LossPoisson;

/** Losses with activations, in an output layer and in a layer of their own. */
class LossParityTest {
    private static final int INPUTS = 4;

    private static Stream<Arguments> losses() {
        INDArray weights = Nd4j.createFromArray(0.5f, 2f, 1f);
        return Stream.concat(
                lossesInJava(),
                Stream.of(
                                of(new LossMCXENT(weights), Activation.SOFTMAX),
                                of(new LossMCXENT(), Activation.SIGMOID),
                                of(new LossNegativeLogLikelihood(), Activation.SOFTMAX),
                                of(new LossBinaryXENT(weights), Activation.SIGMOID),
                                of(new LossBinaryXENT(), Activation.SOFTMAX),
                                of(new LossMSE(weights), Activation.IDENTITY),
                                of(new LossMSE(), Activation.TANH),
                                of(new LossMSE(), Activation.SOFTMAX),
                                of(new LossL2(), Activation.IDENTITY),
                                of(new LossL1(), Activation.IDENTITY),
                                of(new LossMAE(), Activation.SIGMOID),
                                of(new LossHinge(), Activation.TANH),
                                of(new LossPoisson(), Activation.SOFTPLUS))
                        .flatMap(LossParityTest::averagedOrNot));
    }

    /** Those that the engine computes itself. */
    private static Stream<Arguments> lossesInJava() {
        return Stream.of(
                        of(new LossMCXENT(), Activation.SOFTMAX),
                        of(new LossBinaryXENT(), Activation.SIGMOID),
                        of(new LossMSE(), Activation.IDENTITY))
                .flatMap(LossParityTest::averagedOrNot);
    }

    private static Stream<Arguments> averagedOrNot(Arguments loss) {
        return Stream.of(true, false).map(minibatch -> Arguments.of(loss.get()[0], loss.get()[1], minibatch));
    }

    private static Arguments of(ILossFunction loss, Activation activation) {
        return Arguments.of(loss, activation.getActivationFunction());
    }

    @ParameterizedTest
    @MethodSource("losses")
    void inAnOutputLayer(ILossFunction loss, IActivation activation, boolean minibatch) {
        OutputLayer output = new OutputLayer.Builder(loss)
                .nOut(Networks.CLASSES)
                .activation(activation)
                .build();
        parity(output, minibatch).hold("inner_product", "inner_product");
    }

    @ParameterizedTest
    @MethodSource("losses")
    void inALayerOfItsOwn(ILossFunction loss, IActivation activation, boolean minibatch) {
        LossLayer output = new LossLayer.Builder()
                .lossFunction(loss)
                .activation(activation)
                .build();
        parity(output, minibatch).hold("inner_product", "nothing to do");
    }

    /** Where DL4J clips probabilities, and where it does not. */
    @ParameterizedTest
    @MethodSource("lossesInJava")
    void ofPredictionsThatAreSure(ILossFunction loss, IActivation activation, boolean minibatch) {
        parity(
                        new OutputLayer.Builder(loss)
                                .nOut(Networks.CLASSES)
                                .activation(activation)
                                .build(),
                        minibatch)
                .with(network -> network.setParam("1_b", Nd4j.createFromArray(new float[][] {{15, -15, 0}})))
                .inDouble()
                .assertSameOutput()
                .assertSameGradients();
    }

    /** What gives the last array has it in memory of its own, and not in the caller's. */
    @Test
    void behindWhatIsNoPrimitive() {
        OutputLayer output = new OutputLayer.Builder(new LossMSE())
                .nOut(Networks.CLASSES)
                .activation(Activation.RATIONALTANH)
                .build();
        parity(output, true).hold("inner_product", "inner_product");
        Parity.of(
                        Networks.global()
                                .list()
                                .layer(new ConvolutionLayer.Builder(1, 1)
                                        .nOut(Networks.CLASSES)
                                        .build())
                                .layer(new GlobalPoolingLayer(PoolingType.AVG))
                                .layer(new LossLayer.Builder(LossFunction.MSE)
                                        .activation(Activation.IDENTITY)
                                        .build())
                                .setInputType(InputType.convolutional(3, 3, 2))
                                .build(),
                        Networks.batch(4, 2, 3, 3))
                .hold("convolution", "pooling_avg", "nothing to do");
    }

    @Test
    void ofOneUnit() {
        OutputLayer output = new OutputLayer.Builder(new LossBinaryXENT())
                .nOut(1)
                .activation(Activation.SIGMOID)
                .build();
        DataSet batch = new DataSet(
                Networks.normal(1, 4, INPUTS),
                Nd4j.createFromArray(0f, 1f, 1f, 0f).reshape(4, 1));
        parity(output, true, batch).hold("inner_product", "inner_product");
    }

    private static Parity parity(Layer output, boolean minibatch) {
        return parity(output, minibatch, Networks.batch(5, INPUTS));
    }

    private static Parity parity(Layer output, boolean minibatch, DataSet batch) {
        return Parity.of(
                Networks.global()
                        .miniBatch(minibatch)
                        .list()
                        .validateOutputLayerConfig(false)
                        .layer(new DenseLayer.Builder().nOut(Networks.CLASSES).build())
                        .layer(output)
                        .setInputType(InputType.feedForward(INPUTS))
                        .build(),
                batch);
    }
}
