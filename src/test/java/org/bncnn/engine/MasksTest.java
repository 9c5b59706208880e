package org.bncnn.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;

/** A plan knows no masks: DL4J's layers run what has one, and the plan what has none. */
class MasksTest {
    private static final INDArray MASK = Nd4j.createFromArray(1f, 0f, 1f, 0f).reshape(4, 1);

    private final MultiLayerNetwork dl4j = Networks.random(Networks.cnn(new Sgd(0.1)));
    private final OneDnnNetwork plan = OneDnnNetwork.accelerate(dl4j);
    private final DataSet batch = Networks.cnnBatch(4);

    @Test
    void ofLabelsInTraining() {
        fit(batch);
        DataSet masked = new DataSet(batch.getFeatures(), batch.getLabels(), null, MASK);
        fit(masked);
        fit(batch);
    }

    private void fit(DataSet data) {
        dl4j.fit(data);
        plan.fit(data);
        Parity.assertClose("parameters", plan.params(), dl4j.params(), 0);
    }

    @Test
    void setAndNotCleared() {
        INDArray unmasked = plan.output(batch.getFeatures());
        for (MultiLayerNetwork network : List.of(dl4j, plan)) {
            network.setLayerMaskArrays(null, MASK);
            // This is how DL4J's fit tells that it has none. It leaves those that are there.
            network.setLayerMaskArrays(null, null);
        }
        INDArray masked = dl4j.output(batch.getFeatures());
        assertThat(masked.getRow(1).sumNumber().doubleValue()).isZero();
        Parity.assertClose("output", plan.output(batch.getFeatures()), masked, 0);
        fitStep();

        for (MultiLayerNetwork network : List.of(dl4j, plan)) {
            network.setLayerMaskArrays(null, MASK);
            network.clearLayerMaskArrays();
        }
        fitStep();
        assertThat(unmasked.getRow(1).sumNumber().doubleValue()).isPositive();
    }

    private void fitStep() {
        for (MultiLayerNetwork network : List.of(dl4j, plan)) {
            network.setInput(batch.getFeatures());
            network.setLabels(batch.getLabels());
            network.computeGradientAndScore();
        }
        Parity.assertClose("gradient", plan.getGradientsViewArray(), dl4j.getGradientsViewArray(), 0);
    }

    @Test
    void givenToOutput() {
        Parity.assertClose(
                "output",
                plan.output(batch.getFeatures(), false, null, MASK),
                dl4j.output(batch.getFeatures(), false, null, MASK),
                0);
        Parity.assertClose("output", plan.output(batch.getFeatures()), dl4j.output(batch.getFeatures()), 0);
    }
}
