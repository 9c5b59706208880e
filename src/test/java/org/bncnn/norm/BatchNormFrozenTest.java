package org.bncnn.norm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.Map;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.layers.FrozenLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.transferlearning.TransferLearning;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;

/** A frozen layer keeps γ, β and running statistics to the bit, while the layers that are not frozen train. */
class BatchNormFrozenTest {
    private static final IUpdater UPDATER = new Adam(0.01);
    private final DataSet data = SmallCnn.data(8, 1);

    @Test
    void asFeatureExtractorOfANetwork() {
        MultiLayerNetwork original = SmallCnn.network(new BatchNorm(), UPDATER);
        original.fit(data);
        MultiLayerNetwork network = new TransferLearning.Builder(original)
                .setFeatureExtractor(SmallCnn.NORMALIZATION)
                .build();
        assertThat(network.getLayer(SmallCnn.NORMALIZATION)).isInstanceOf(FrozenLayer.class);
        Map<String, double[]> before = parameters(network);
        network.fit(data);
        assertKept(before, parameters(network), "1_");
        assertMoved(before, parameters(network), "3_");
    }

    @Test
    void asFeatureExtractorOfAGraph() {
        ComputationGraph original = SmallCnn.graph(new BatchNorm(), UPDATER);
        original.fit(data);
        ComputationGraph graph = new TransferLearning.GraphBuilder(original)
                .setFeatureExtractor("normalization")
                .build();
        assertThat(graph.getLayer("normalization")).isInstanceOf(FrozenLayer.class);
        Map<String, double[]> before = parameters(graph);
        graph.fit(data);
        assertKept(before, parameters(graph), "normalization_");
        assertMoved(before, parameters(graph), "out_");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void withBackpropInANetwork(boolean locked) {
        MultiLayerNetwork network = SmallCnn.network(withBackprop(locked), UPDATER);
        Map<String, double[]> before = parameters(network);
        network.fit(data);
        assertKept(before, parameters(network), "1_");
        assertMoved(before, parameters(network), "0_");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void withBackpropInAGraph(boolean locked) {
        ComputationGraph graph = SmallCnn.graph(withBackprop(locked), UPDATER);
        Map<String, double[]> before = parameters(graph);
        graph.fit(data);
        assertKept(before, parameters(graph), "normalization_");
        assertMoved(before, parameters(graph), "convolution_");
    }

    private static FrozenLayerWithBackprop withBackprop(boolean locked) {
        return new FrozenLayerWithBackprop(new BatchNorm.Builder()
                .nOut(SmallCnn.CHANNELS)
                .lockGammaBeta(locked)
                .build());
    }

    private static Map<String, double[]> parameters(Model model) {
        Map<String, double[]> parameters = new LinkedHashMap<>();
        model.paramTable()
                .forEach((key, values) -> parameters.put(key, values.ravel().toDoubleVector()));
        return parameters;
    }

    private static void assertKept(Map<String, double[]> before, Map<String, double[]> after, String layer) {
        assertThat(before.keySet()).anyMatch(key -> key.startsWith(layer));
        before.forEach((key, values) -> {
            if (key.startsWith(layer)) {
                assertThat(after.get(key)).as(key).containsExactly(values);
            }
        });
    }

    private static void assertMoved(Map<String, double[]> before, Map<String, double[]> after, String layer) {
        assertThat(before.keySet()).anyMatch(key -> key.startsWith(layer));
        before.forEach((key, values) -> {
            if (key.startsWith(layer)) {
                assertThat(after.get(key)).as(key).isNotEqualTo(values);
            }
        });
    }
}
