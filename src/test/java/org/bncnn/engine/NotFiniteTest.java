package org.bncnn.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.bncnn.array.Floats;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;

/** A network that has diverged says so. oneDNN's ReLU would make 0 of NaN, and the score a number. */
class NotFiniteTest {
    private static final int VALUES = 2 * 36;

    private final MultiLayerNetwork dl4j = Networks.random(Networks.classifier(
            InputType.convolutional(6, 6, 1),
            new ConvolutionLayer.Builder(3, 3)
                    .nOut(4)
                    .activation(Activation.RELU)
                    .build()));
    private final OneDnnNetwork plan = OneDnnNetwork.accelerate(dl4j);
    private final DataSet batch = Networks.cnnBatch(2);

    @ParameterizedTest
    @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
    void parameters(double value) {
        plan.fit(batch);
        plan.output(batch.getFeatures());
        plan.setParams(dl4j.params());
        INDArray before = dl4j.params().dup();
        for (long i = 0; i < before.length(); i += before.length() / 5) {
            for (MultiLayerNetwork network : List.of(dl4j, plan)) {
                network.params().assign(before);
                network.params().putScalar(i, value);
            }
            assertSame(batch);
        }
        plan.setParams(before);
        dl4j.setParams(before);
        Parity.assertClose("output", plan.output(batch.getFeatures()), dl4j.output(batch.getFeatures()), 0);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, VALUES / 2, VALUES - 1})
    void features(int index) {
        INDArray features = batch.getFeatures().dup();
        features.putScalar(index, Double.NaN);
        assertSame(new DataSet(features, batch.getLabels()));
        assertThat(plan.score()).isNaN();
    }

    @Test
    void blocksAreLookedAtToTheirEnds() {
        for (int length : new int[] {1, 2, 3, 4095, 4096, 4097, 10_000}) {
            INDArray values = Networks.normal(1, length);
            assertThat(Bound.magnitude(Floats.of(values))).isBetween(0f, 10f);
            for (int index : new int[] {0, length / 2, length - 1}) {
                INDArray changed = values.dup();
                changed.putScalar(index, -1000);
                assertThat(Bound.magnitude(Floats.of(changed))).isEqualTo(1000);
                changed.putScalar(index, Double.NaN);
                assertThat(Bound.magnitude(Floats.of(changed))).isNaN();
            }
        }
    }

    private void assertSame(DataSet data) {
        for (MultiLayerNetwork network : List.of(dl4j, plan)) {
            network.setInput(data.getFeatures());
            network.setLabels(data.getLabels());
            network.computeGradientAndScore();
        }
        assertThat(Double.valueOf(plan.score())).isEqualTo(Double.valueOf(dl4j.score()));
        assertThat(plan.output(data.getFeatures()).data().asFloat())
                .isEqualTo(dl4j.output(data.getFeatures()).data().asFloat());
    }
}
