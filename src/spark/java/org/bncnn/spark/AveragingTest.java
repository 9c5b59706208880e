package org.bncnn.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Optional;
import org.bncnn.model.Norm;
import org.bncnn.norm.BatchNorm;
import org.bncnn.norm.Normalization;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

class AveragingTest {
    @Test
    void parametersAreWeightedByTheImages() {
        MultiLayerNetwork network = network(Optional.empty());
        float[] one = network.params().toFloatVector();
        float[] other = new float[one.length];
        float[] expected = new float[one.length];
        for (int i = 0; i < one.length; i++) {
            other[i] = i;
            expected[i] = 0.25f * one[i] + 0.75f * i;
        }
        List<Contribution> copies = List.of(
                new Contribution(10, new double[0], one, new float[] {1}),
                new Contribution(30, new double[0], other, new float[] {5}));
        assertThat(new Averaging(network).parameters(copies)).containsExactly(expected, within(1e-5f));
        assertThat(Averaging.updaterState(copies)).containsExactly(4);
    }

    @Test
    void runningStatisticsAreThoseOfAllImages() {
        for (Layer norm : List.of(
                Norm.BUILTIN.layer("bn").orElseThrow(),
                Norm.CUSTOM.layer("bn").orElseThrow(),
                new BatchNormalization.Builder().useLogStd(true).build(),
                new BatchNorm.Builder().useLogStd(true).build())) {
            MultiLayerNetwork network = network(Optional.of(norm));
            // The images of three workers, of which each channel has its own mean and variance.
            double[][] values = {{1, 2, 3, 6}, {-4, -5, 0, 1, 9, 11}, {100, 101}};
            List<Contribution> copies =
                    List.of(copy(network, values[0]), copy(network, values[1]), copy(network, values[2]));
            float[] averaged = new Averaging(network).parameters(copies);
            network.setParams(Nd4j.createFromArray(averaged).reshape(1, -1));
            double[] all = {1, 2, 3, 6, -4, -5, 0, 1, 9, 11, 100, 101};
            for (int channel = 0; channel < 3; channel++) {
                assertThat(network.getParam("1_mean").getDouble(channel)).isCloseTo(mean(all) + channel, within(1e-4));
                assertThat(norm(network)
                                .values(network.getLayer(1).paramTable())
                                .variance()[channel])
                        .isCloseTo(variance(all), within(1e-2));
                assertThat(network.getParam("1_gamma").getDouble(channel)).isEqualTo(1);
            }
        }
    }

    /** What a worker has whose images had these values, in its first channel; one more in the second, and so on. */
    private static Contribution copy(MultiLayerNetwork network, double[] values) {
        INDArray mean = network.getParam("1_mean");
        Normalization norm = norm(network);
        for (int channel = 0; channel < 3; channel++) {
            mean.putScalar(channel, mean(values) + channel);
            network.getLayer(1).getParam(norm.varianceKey()).putScalar(channel, norm.stored(variance(values)));
        }
        return new Contribution(values.length, new double[0], network.params().toFloatVector(), new float[0]);
    }

    private static Normalization norm(MultiLayerNetwork network) {
        return Normalization.of(network.getLayer(1).conf().getLayer());
    }

    private static double mean(double[] values) {
        double sum = 0;
        for (double value : values) {
            sum += value;
        }
        return sum / values.length;
    }

    private static double variance(double[] values) {
        double squares = 0;
        for (double value : values) {
            squares += value * value;
        }
        return squares / values.length - mean(values) * mean(values);
    }

    private static MultiLayerNetwork network(Optional<Layer> norm) {
        var layers = new NeuralNetConfiguration.Builder()
                .seed(1)
                .list()
                .layer(new DenseLayer.Builder()
                        .nOut(3)
                        .activation(Activation.IDENTITY)
                        .build());
        norm.ifPresent(layers::layer);
        MultiLayerNetwork network = new MultiLayerNetwork(layers.layer(new OutputLayer.Builder(LossFunction.MCXENT)
                        .nOut(2)
                        .activation(Activation.SOFTMAX)
                        .build())
                .setInputType(InputType.feedForward(4))
                .build());
        network.init();
        return network;
    }
}
