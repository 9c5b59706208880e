package org.bncnn.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.bncnn.backend.Backend;
import org.bncnn.model.HeavyBall;
import org.bncnn.norm.BatchNorm;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;

/**
 * 100 steps of training against DL4J's.
 *
 * <p>Rounding errors grow with every step, and with batch normalization faster than without, so that no tolerance can
 * be told beforehand: the yardstick is how far DL4J's own float training is from its training in double.
 */
class TrainingParityTest {
    private static final int STEPS = 100;

    /** A plan sums in another order than DL4J, and is as likely to be nearer to double as to be farther from it. */
    private static final double TIMES_DL4J_ITSELF = 3;

    @Test
    void withoutNormalization() {
        train(new HeavyBall(0.01, 0.9));
    }

    @Test
    void withBuiltInNormalization() {
        train(new HeavyBall(0.01, 0.9), new BatchNormalization(), new ActivationLayer(Activation.RELU));
    }

    @Test
    void withOurNormalization() {
        train(
                new HeavyBall(0.01, 0.9),
                new BatchNorm.Builder().activation(Activation.RELU).build());
    }

    @Test
    void withAdam() {
        train(
                new Adam(1e-3),
                new BatchNorm.Builder().activation(Activation.RELU).build());
    }

    private static void train(IUpdater updater, Layer... behind) {
        MultiLayerNetwork dl4j = Backend.withoutOneDnn(() -> Networks.random(configuration(updater, behind)));
        MultiLayerNetwork exact = Backend.withoutOneDnn(() -> dl4j.convertDataType(DataType.DOUBLE));
        OneDnnNetwork plan = OneDnnNetwork.accelerate(dl4j);
        assertThat(plan.explain(true, 8, 1, 10, 10).get(0).by()).startsWith("convolution");
        for (int i = 0; i < STEPS; i++) {
            DataSet batch = batch(i);
            List.of(dl4j, exact, plan).forEach(network -> network.fit(batch));
        }
        double own = distance(dl4j.params(), exact.params());
        assertThat(distance(plan.params(), exact.params())).isLessThan(TIMES_DL4J_ITSELF * own);
        assertThat(distance(state(plan), state(exact)))
                .isLessThan(TIMES_DL4J_ITSELF * distance(state(dl4j), state(exact)));
    }

    private static INDArray state(MultiLayerNetwork network) {
        return network.getUpdater().getStateViewArray();
    }

    private static DataSet batch(long seed) {
        DataSet batch = Networks.batch(8, 1, 10, 10);
        batch.setFeatures(Networks.normal(seed, 8, 1, 10, 10));
        // Something to learn: the first class is brighter.
        batch.getFeatures().addi(batch.getLabels().getColumn(0).reshape(8, 1, 1, 1));
        return batch;
    }

    private static MultiLayerConfiguration configuration(IUpdater updater, Layer... behind) {
        var list = Networks.global(updater)
                .list()
                .layer(new ConvolutionLayer.Builder(3, 3)
                        .nOut(6)
                        .hasBias(behind.length == 0)
                        .build());
        for (Layer layer : behind) {
            list.layer(layer);
        }
        return list.layer(new SubsamplingLayer.Builder()
                        .kernelSize(2, 2)
                        .stride(2, 2)
                        .build())
                .layer(new DenseLayer.Builder()
                        .nOut(12)
                        .activation(Activation.RELU)
                        .build())
                .layer(Networks.softmax())
                .setInputType(InputType.convolutional(10, 10, 1))
                .build();
    }

    private static double distance(INDArray actual, INDArray exact) {
        return actual.castTo(DataType.DOUBLE).distance2(exact)
                / exact.norm2Number().doubleValue();
    }
}
