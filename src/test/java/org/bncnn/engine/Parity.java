package org.bncnn.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.bncnn.backend.Backend;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.layers.LossLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * The same network twice, in DL4J's own layers without their helpers and as a plan, to be held against each other on a
 * batch.
 */
final class Parity {
    /** Float sums of some hundred terms, added in another order, through a handful of layers. */
    static final double TOLERANCE = 1e-4;

    /**
     * What float leaves of a gradient that is nothing: one in front of a batch normalization, for which the sums over
     * the batch cancel out, is rounding noise of the whole gradient's size.
     */
    private static final double CANCELLATION = 2e-6;

    private static final long SEED = 11;

    private final MultiLayerNetwork dl4j;
    private final OneDnnNetwork plan;
    private final DataSet batch;

    private Parity(MultiLayerNetwork dl4j, OneDnnNetwork plan, DataSet batch) {
        this.dl4j = dl4j;
        this.plan = plan;
        this.batch = batch;
    }

    static Parity of(MultiLayerConfiguration configuration, DataSet batch) {
        return of(configuration, batch, layer -> false);
    }

    static Parity of(
            MultiLayerConfiguration configuration,
            DataSet batch,
            Predicate<org.deeplearning4j.nn.conf.layers.Layer> asIsland) {
        MultiLayerNetwork dl4j = Backend.withoutOneDnn(() -> Networks.random(configuration));
        return new Parity(dl4j, OneDnnNetwork.accelerate(dl4j, asIsland), batch);
    }

    /** From now on DL4J computes in double: where its own float is what is off. */
    Parity inDouble() {
        return new Parity(Backend.withoutOneDnn(() -> dl4j.convertDataType(DataType.DOUBLE)), plan, batch);
    }

    /** Changes the network, both times. */
    Parity with(Consumer<MultiLayerNetwork> change) {
        change.accept(dl4j);
        change.accept(plan);
        return this;
    }

    /**
     * The usual: what runs the layers in training, output, score, gradients, and parameters and updater state after
     * some steps.
     */
    void hold(String... runs) {
        runs(true, runs);
        assertSameOutput();
        assertSameGradients();
        assertSameAfter(3);
    }

    /** Asserts that a plan runs the layers, each by what is told here: a regular expression for how that begins. */
    Parity runs(boolean training, String... expected) {
        List<String> actual = new ArrayList<>();
        plan.explain(training, batch.getFeatures().shape()).forEach(execution -> actual.add(execution.by()));
        assertThat(actual).hasSize(expected.length);
        for (int i = 0; i < expected.length; i++) {
            assertThat(actual.get(i)).as("layer %d", i).matches("(?s)" + expected[i] + ".*");
        }
        return this;
    }

    Parity assertSameOutput() {
        plan.explain(false, batch.getFeatures().shape());
        assertClose("output", plan.output(batch.getFeatures()), dl4j.output(batch.getFeatures()), 0);
        return this;
    }

    Parity assertSameGradients() {
        plan.explain(true, batch.getFeatures().shape());
        computeGradient(dl4j);
        computeGradient(plan);
        double score = score();
        assertThat(plan.score()).as("score").isCloseTo(score, within(Math.abs(score) * TOLERANCE));
        Map<String, INDArray> expected = gradients(dl4j);
        Map<String, INDArray> actual = gradients(plan);
        assertThat(actual.keySet()).isEqualTo(expected.keySet());
        double whole = dl4j.getGradientsViewArray().norm2Number().doubleValue();
        expected.forEach((name, gradient) -> assertClose(name, actual.get(name), gradient, CANCELLATION * whole));
        return this;
    }

    Parity assertSameAfter(int steps) {
        plan.explain(true, batch.getFeatures().shape());
        for (MultiLayerNetwork network : List.of(dl4j, plan)) {
            Nd4j.getRandom().setSeed(SEED);
            for (int i = 0; i < steps; i++) {
                network.fit(batch);
            }
        }
        assertThat(plan.getIterationCount()).isEqualTo(dl4j.getIterationCount());
        assertClose("parameters", plan.params(), dl4j.params(), 0);
        INDArray state = dl4j.getUpdater().getStateViewArray();
        if (state != null) {
            assertClose("updater state", plan.getUpdater().getStateViewArray(), state, 0);
        }
        return this;
    }

    private void computeGradient(MultiLayerNetwork network) {
        Nd4j.getRandom().setSeed(SEED);
        network.setInput(batch.getFeatures());
        network.setLabels(batch.getLabels());
        network.computeGradientAndScore();
    }

    /**
     * DL4J's loss layer computes its score from what it had computed its gradient in, for most losses; asked for it
     * alone, it is right.
     */
    private double score() {
        if (dl4j.getOutputLayer() instanceof LossLayer) {
            Nd4j.getRandom().setSeed(SEED);
            return dl4j.score(batch, true);
        }
        return dl4j.score();
    }

    /** Of every parameter, from the one array that the updater reads. */
    private static Map<String, INDArray> gradients(MultiLayerNetwork network) {
        Map<String, INDArray> gradients = new LinkedHashMap<>();
        INDArray all = network.getGradientsViewArray();
        long offset = 0;
        for (Layer layer : network.getLayers()) {
            long length = layer.numParams();
            if (length > 0) {
                INDArray own = all.reshape(all.length()).get(NDArrayIndex.interval(offset, offset + length));
                layer.conf()
                        .getLayer()
                        .initializer()
                        .getGradientsFromFlattened(layer.conf(), own)
                        .forEach(
                                (key, gradient) -> gradients.put("gradient " + layer.getIndex() + "_" + key, gradient));
                offset += length;
            }
        }
        return gradients;
    }

    /** By the relative distance ‖actual − expected‖ / ‖expected‖. */
    static void assertClose(String what, INDArray actual, INDArray expected, double noise) {
        assertThat(actual.shape()).as(what).isEqualTo(expected.shape());
        double distance =
                actual.castTo(expected.dataType()).sub(expected).norm2Number().doubleValue();
        double size = expected.norm2Number().doubleValue();
        assertThat(distance).as("%s, of size %s", what, size).isLessThanOrEqualTo(TOLERANCE * size + noise);
    }
}
