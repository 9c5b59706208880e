package org.bncnn.norm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.bncnn.norm.BatchNorm.Builder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * Running statistics in float, of batches whose scale differs from one to the next by up to 10⁵, against the same
 * average in double.
 */
class RunningStatisticsTest {
    private static final int EXAMPLES = 12;
    private static final int CHANNELS = 3;
    private static final int STEPS = 30;

    /** A few roundings; PyTorch's are off by as much. */
    private static final double TOLERANCE = 1e-6;

    private final Random random = new Random(1);

    @ParameterizedTest
    @CsvSource({
        "0, false", "0.01, false", "0.3, false", "0.5, false", "0.9, false", "0.999, false",
        "0, true", "0.01, true", "0.3, true", "0.5, true", "0.9, true", "0.999, true",
    })
    void moveToTheNearestFloat(double decay, boolean logStd) {
        check(new Builder().decay(decay).useLogStd(logStd), decay, false);
    }

    @ParameterizedTest
    @CsvSource({"false", "true"})
    void theAverageOfAllBatchesIsTheNearestFloat(boolean logStd) {
        check(new Builder().cumulativeAverage(true).useLogStd(logStd), 0, true);
    }

    private void check(Builder layer, double decay, boolean cumulative) {
        MultiLayerNetwork network = network(layer);
        double[] mean = new double[CHANNELS];
        double[] variance = new double[CHANNELS];
        double[] scale = new double[CHANNELS];
        Arrays.fill(variance, 1);
        for (int step = 0; step < STEPS; step++) {
            INDArray x = batch(Math.pow(10, step == 0 ? -4 : -4 + 5 * random.nextDouble()));
            network.fit(new DataSet(x, labels()));
            double keep = cumulative ? step / (step + 1.0) : decay;
            INDArray exact = x.castTo(DataType.DOUBLE);
            for (int c = 0; c < CHANNELS; c++) {
                double batchMean = exact.getColumn(c).meanNumber().doubleValue();
                double batchVariance = exact.getColumn(c).varNumber().doubleValue(); // unbiased
                mean[c] = keep * mean[c] + (1 - keep) * batchMean;
                variance[c] = keep * variance[c] + (1 - keep) * batchVariance;
                scale[c] = keep * scale[c] + (1 - keep) * Math.abs(batchMean);
                assertThat(network.getParam("0_mean").getDouble(c))
                        .as("mean after step %d", step)
                        .isCloseTo(mean[c], within(TOLERANCE * scale[c]));
                assertThat(variance(network, c))
                        .as("variance after step %d", step)
                        .isCloseTo(variance[c], within(variance[c] * tolerance(network)));
            }
        }
    }

    /** A float has no more than about 7 digits of a logarithm either. */
    private static double tolerance(MultiLayerNetwork network) {
        return norm(network).logStd() ? 5 * TOLERANCE : TOLERANCE;
    }

    private static double variance(MultiLayerNetwork network, int channel) {
        return norm(network).values(network.getLayer(0).paramTable()).variance()[channel];
    }

    private static Normalization norm(MultiLayerNetwork network) {
        return Normalization.of(network.getLayer(0).conf().getLayer());
    }

    @Test
    void stayUntilTheUpdate() {
        MultiLayerNetwork network = network(new Builder().decay(0));
        DataSet batch = new DataSet(batch(1e-3), labels());
        INDArray before = network.params().dup();
        for (int twice = 0; twice < 2; twice++) {
            network.computeGradientAndScore(); // as listeners and gradient checks have it
            assertThat(network.params()).isEqualTo(before);
        }
        network.fit(batch);
        double once = network.getParam("0_var").getDouble(0);
        network.computeGradientAndScore();
        assertThat(network.getParam("0_var").getDouble(0)).isEqualTo(once);
    }

    /** Where the updates of others are mixed in, as in gradient sharing, the layer leaves the sum alone. */
    @Test
    void moveByWhatOthersAddToo() {
        LoneLayer layer = new LoneLayer(new Builder().nOut(CHANNELS).decay(0).build(), DataType.FLOAT);
        layer.forward(batch(1e-3));
        layer.backward(batch(1));
        layer.param("var").addi(0.25);
        INDArray expected = layer.param("var").sub(layer.gradient("var"));
        layer.moveRunningStatistics();
        assertThat(layer.param("var")).isEqualTo(expected);
    }

    private MultiLayerNetwork network(Builder layer) {
        MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .updater(new Sgd(1e-3))
                .list()
                .layer(layer.build())
                .layer(new OutputLayer.Builder(LossFunction.MSE)
                        .nOut(1)
                        .activation(Activation.IDENTITY)
                        .build())
                .setInputType(InputType.feedForward(CHANNELS))
                .build());
        network.init();
        network.setInput(batch(1e-3));
        network.setLabels(labels());
        return network;
    }

    private INDArray batch(double std) {
        float[] values = new float[EXAMPLES * CHANNELS];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (std * (random.nextGaussian() + 0.5));
        }
        return Nd4j.createFromArray(values).reshape(EXAMPLES, CHANNELS);
    }

    private static INDArray labels() {
        return Nd4j.ones(EXAMPLES, 1);
    }
}
