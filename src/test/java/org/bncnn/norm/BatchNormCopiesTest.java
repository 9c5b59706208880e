package org.bncnn.norm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.learning.config.Adam;

/**
 * Copies of a network and what is read from its file: they compute the same and go on training to the same parameters.
 */
class BatchNormCopiesTest {
    private final DataSet data = SmallCnn.data(8, 1);

    @TempDir
    private Path folder;

    static Stream<BatchNorm> layers() {
        return Stream.of(
                new BatchNorm.Builder().build(),
                new BatchNorm.Builder().useLogStd(true).build(),
                new BatchNorm.Builder().cumulativeAverage(true).build(),
                new BatchNorm.Builder().lockGammaBeta(true).gamma(2).beta(-1).build());
    }

    @ParameterizedTest
    @MethodSource("layers")
    void networksGoOnAlike(BatchNorm layer) throws IOException {
        MultiLayerNetwork network = SmallCnn.network(layer, new Adam(0.01));
        train(network);
        File file = folder.resolve("network.zip").toFile();
        network.save(file, true);
        List<MultiLayerNetwork> copies = List.of(
                network.clone(),
                MultiLayerNetwork.load(file, true),
                ModelSerializer.restoreMultiLayerNetwork(file, true));
        for (MultiLayerNetwork copy : copies) {
            assertSame(copy.params(), network.params());
            assertSame(copy.output(data.getFeatures()), network.output(data.getFeatures()));
        }
        INDArray before = network.params().dup();
        train(network);
        assertThat(network.params().equalsWithEps(before, 1e-3)).isFalse();
        for (MultiLayerNetwork copy : copies) {
            train(copy);
            assertSame(copy.params(), network.params());
        }
    }

    @ParameterizedTest
    @MethodSource("layers")
    void graphsGoOnAlike(BatchNorm layer) throws IOException {
        ComputationGraph graph = SmallCnn.graph(layer, new Adam(0.01));
        train(graph);
        File file = folder.resolve("graph.zip").toFile();
        graph.save(file, true);
        ComputationGraph clone = graph.clone();
        // DL4J's clone of a graph, unlike that of a network, forgets how many iterations there were, which Adam goes
        // by.
        clone.getConfiguration().setIterationCount(graph.getConfiguration().getIterationCount());
        List<ComputationGraph> copies =
                List.of(clone, ComputationGraph.load(file, true), ModelSerializer.restoreComputationGraph(file, true));
        for (ComputationGraph copy : copies) {
            assertSame(copy.params(), graph.params());
            assertSame(copy.outputSingle(data.getFeatures()), graph.outputSingle(data.getFeatures()));
        }
        INDArray before = graph.params().dup();
        train(graph);
        assertThat(graph.params().equalsWithEps(before, 1e-3)).isFalse();
        for (ComputationGraph copy : copies) {
            train(copy);
            assertSame(copy.params(), graph.params());
        }
    }

    private void train(MultiLayerNetwork network) {
        for (int step = 0; step < 3; step++) {
            network.fit(data);
        }
    }

    private void train(ComputationGraph graph) {
        for (int step = 0; step < 3; step++) {
            graph.fit(data);
        }
    }

    /** To the last bit, for it is the same arithmetic. */
    private static void assertSame(INDArray actual, INDArray expected) {
        assertThat(actual.ravel().toDoubleVector())
                .containsExactly(expected.ravel().toDoubleVector());
    }
}
