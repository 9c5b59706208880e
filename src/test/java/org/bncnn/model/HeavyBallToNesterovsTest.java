package org.bncnn.model;

import static org.assertj.core.api.Assertions.assertThat;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

class HeavyBallToNesterovsTest {
    private static final double RATE = 0.05;
    private static final double MOMENTUM = 0.7;

    private final INDArray features = Nd4j.rand(DataType.DOUBLE, 4, 3);
    private final INDArray labels = Nd4j.rand(DataType.DOUBLE, 4, 2);

    @Test
    void theNextStepIsNesterovsFromTheSameVelocity() {
        MultiLayerNetwork network = network(new HeavyBall(RATE, MOMENTUM));
        fit(network, 5);
        INDArray velocity = network.getUpdater().getStateViewArray().dup();
        INDArray before = network.params().dup();
        MultiLayerNetwork converted = HeavyBall.toNesterovs(network);
        assertThat(converted.params()).isEqualTo(before);
        assertThat(converted.getIterationCount()).isEqualTo(5);

        fit(converted, 1);
        fit(network, 1);
        INDArray next = network.getUpdater().getStateViewArray(); // v′ = μ·v + g
        INDArray gradient = next.sub(velocity.mul(MOMENTUM));
        INDArray expected = before.sub(gradient.add(next.mul(MOMENTUM)).mul(RATE)); // p − η·(g + μ·v′)
        assertThat(converted.params().distance2(expected)).isLessThan(1e-12);
    }

    @Test
    void otherUpdatersStay() {
        MultiLayerNetwork network = network(new Nesterovs(RATE, MOMENTUM));
        fit(network, 3);
        MultiLayerNetwork converted = HeavyBall.toNesterovs(network);
        assertThat(converted.getUpdater().getStateViewArray())
                .isEqualTo(network.getUpdater().getStateViewArray());
        fit(network, 1);
        fit(converted, 1);
        assertThat(converted.params()).isEqualTo(network.params());
    }

    @Test
    void whatWasNotTrainedHasNoState() {
        MultiLayerNetwork converted = HeavyBall.toNesterovs(network(new HeavyBall(RATE, MOMENTUM)));
        assertThat(converted.getUpdater().getStateViewArray().sumNumber().doubleValue())
                .isZero();
    }

    private void fit(MultiLayerNetwork network, int steps) {
        for (int step = 0; step < steps; step++) {
            network.fit(new DataSet(features, labels));
        }
    }

    private static MultiLayerNetwork network(IUpdater updater) {
        MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(1)
                .dataType(DataType.DOUBLE)
                .updater(updater)
                .list()
                .layer(new OutputLayer.Builder(LossFunction.MSE)
                        .nIn(3)
                        .nOut(2)
                        .activation(Activation.IDENTITY)
                        .build())
                .build());
        network.init();
        return network;
    }
}
