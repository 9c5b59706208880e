package org.bncnn.norm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.stream.Stream;
import org.bncnn.backend.Backend;
import org.bncnn.model.HeavyBall;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.NoOp;
import org.nd4j.linalg.learning.config.Sgd;

/** The layer in a network and in a graph: it trains as the built-in layer does, and DL4J can describe it. */
class BatchNormInNetworkTest {
    private static final int EXAMPLES = 8;
    private static final int STEPS = 6;
    private static final double DECAY = 0.8;

    /** Values that each channel has in a batch: the convolution leaves 3×3 of 5×5 pixels. */
    private static final double M = EXAMPLES * 3 * 3;

    /** Float roundings of two ways to compute the same, grown over a few steps; parameters are about 1. */
    private static final double FLOAT_TOLERANCE = 5e-5;

    private final DataSet data = SmallCnn.data(EXAMPLES, 1);

    static Stream<IUpdater> updaters() {
        return Stream.of(new Sgd(0.1), new Adam(0.01), new HeavyBall(0.05, 0.9));
    }

    @ParameterizedTest
    @MethodSource("updaters")
    void trainsAsTheBuiltInLayerDoesInANetwork(IUpdater updater) {
        MultiLayerNetwork builtIn = Backend.withoutOneDnn(() -> SmallCnn.network(builtIn(), updater));
        MultiLayerNetwork ours = Backend.withoutOneDnn(() -> SmallCnn.network(ours(), updater));
        ours.setParams(builtIn.params());
        assertTrainAlike(builtIn, () -> builtIn.fit(data), ours, () -> ours.fit(data));
        assertVarianceIsUnbiased(
                ours.getLayer(SmallCnn.NORMALIZATION).getParam("var"),
                builtIn.getLayer(SmallCnn.NORMALIZATION).getParam("var"));
    }

    @ParameterizedTest
    @MethodSource("updaters")
    void trainsAsTheBuiltInLayerDoesInAGraph(IUpdater updater) {
        ComputationGraph builtIn = Backend.withoutOneDnn(() -> SmallCnn.graph(builtIn(), updater));
        ComputationGraph ours = Backend.withoutOneDnn(() -> SmallCnn.graph(ours(), updater));
        ours.setParams(builtIn.params());
        assertTrainAlike(builtIn, () -> builtIn.fit(data), ours, () -> ours.fit(data));
        assertVarianceIsUnbiased(
                ours.getLayer("normalization").getParam("var"),
                builtIn.getLayer("normalization").getParam("var"));
    }

    private static BatchNormalization builtIn() {
        return new BatchNormalization.Builder().decay(DECAY).useLogStd(false).build();
    }

    private static BatchNorm ours() {
        return new BatchNorm.Builder().decay(DECAY).build();
    }

    /** The loss falls, and loss and parameters stay the same; running variances excepted, which see. */
    private static void assertTrainAlike(Model builtIn, Runnable builtInStep, Model ours, Runnable ourStep) {
        double firstLoss = 0;
        for (int step = 0; step < STEPS; step++) {
            builtInStep.run();
            ourStep.run();
            assertThat(ours.score()).as("loss").isCloseTo(builtIn.score(), within(FLOAT_TOLERANCE));
            firstLoss = step == 0 ? ours.score() : firstLoss;
        }
        assertThat(ours.score()).isLessThan(firstLoss);
        assertThat(ours.paramTable().keySet()).isEqualTo(builtIn.paramTable().keySet());
        ours.paramTable().forEach((key, values) -> {
            if (!key.endsWith("_var")) {
                assertThat(values.ravel().toDoubleVector())
                        .as(key)
                        .containsExactly(
                                builtIn.paramTable().get(key).ravel().toDoubleVector(), within(FLOAT_TOLERANCE));
            }
        });
    }

    /**
     * Both begin at 1, of which decay to the power of the steps is left; all that was added since is m/(m − 1) times as
     * much.
     */
    private static void assertVarianceIsUnbiased(INDArray ours, INDArray builtIn) {
        double left = Math.pow(DECAY, STEPS);
        INDArray expected = builtIn.sub(left).muli(M / (M - 1)).addi(left);
        assertClose(ours, expected);
    }

    /**
     * The network's iterations are counted as the layer needs it, if the average of three batches is that of their
     * means.
     */
    @Test
    void cumulativeAverageCountsBatchesOfANetwork() {
        MultiLayerNetwork network = SmallCnn.network(cumulative(), new NoOp());
        INDArray expected = Nd4j.zeros(SmallCnn.CHANNELS);
        for (int batch = 0; batch < 3; batch++) {
            DataSet next = SmallCnn.data(EXAMPLES, batch);
            expected.addi(
                    network.feedForwardToLayer(0, next.getFeatures()).get(1).mean(0, 2, 3));
            network.fit(next);
        }
        assertClose(network.getLayer(SmallCnn.NORMALIZATION).getParam("mean"), expected.div(3));
    }

    @Test
    void cumulativeAverageCountsBatchesOfAGraph() {
        ComputationGraph graph = SmallCnn.graph(cumulative(), new NoOp());
        INDArray expected = Nd4j.zeros(SmallCnn.CHANNELS);
        for (int batch = 0; batch < 3; batch++) {
            DataSet next = SmallCnn.data(EXAMPLES, batch);
            expected.addi(graph.feedForward(next.getFeatures(), false)
                    .get("convolution")
                    .mean(0, 2, 3));
            graph.fit(next);
        }
        assertClose(graph.getLayer("normalization").getParam("mean"), expected.div(3));
    }

    private static BatchNorm cumulative() {
        return new BatchNorm.Builder().cumulativeAverage(true).build();
    }

    private static void assertClose(INDArray actual, INDArray expected) {
        assertThat(actual.ravel().toDoubleVector())
                .containsExactly(expected.ravel().toDoubleVector(), within(FLOAT_TOLERANCE));
    }

    @Test
    void networkConfigurationEqualsWhatIsReadFromItsJson() {
        MultiLayerNetwork network = SmallCnn.network(ours(), new Sgd(0.1));
        MultiLayerConfiguration configuration = network.getLayerWiseConfigurations();
        assertThat(MultiLayerConfiguration.fromJson(configuration.toJson())).isEqualTo(configuration);
    }

    @Test
    void graphConfigurationEqualsWhatIsReadFromItsJson() {
        ComputationGraph graph = SmallCnn.graph(ours(), new Sgd(0.1));
        ComputationGraphConfiguration configuration = graph.getConfiguration();
        assertThat(ComputationGraphConfiguration.fromJson(configuration.toJson()))
                .isEqualTo(configuration);
    }

    /** The layer is told by its type, and by the number of its parameters: γ, β and two running statistics. */
    @Test
    void summariesListTheLayer() {
        FeedForwardLayer layer = ours();
        String row = "BatchNorm.* " + 4 * SmallCnn.CHANNELS + " .*";
        assertThat(SmallCnn.network(layer.clone(), new Sgd(0.1)).summary().lines())
                .anyMatch(line -> line.matches(".*" + row));
        assertThat(SmallCnn.graph(layer.clone(), new Sgd(0.1)).summary().lines())
                .anyMatch(line -> line.matches("normalization .*" + row));
    }

    @Test
    void memoryReportsListTheLayer() {
        InputType images = InputType.convolutional(SmallCnn.SIDE, SmallCnn.SIDE, 1);
        assertThat(SmallCnn.network(ours(), new Adam()).memoryInfo(EXAMPLES, images))
                .contains("BatchNorm");
        assertThat(SmallCnn.graph(ours(), new Adam()).memoryInfo(EXAMPLES, images))
                .contains("BatchNorm");
    }
}
