package org.bncnn.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.bncnn.model.Norm;
import org.bncnn.model.Recipe;
import org.bncnn.model.ReferenceCnn;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeConvolutional;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

class LocalStepsTest {
    /** With so strong a decay the penalty, and what a step changes of it, are many times as large as the tolerance. */
    @Test
    void theLossIsThatOfTheBatchWithoutThePenaltyOfWeightDecay() {
        Nd4j.getRandom().setSeed(1);
        DataSet batch = new DataSet(Nd4j.rand(DataType.FLOAT, 8, 1, 16, 16), Nd4j.eye(8));
        MultiLayerNetwork decayed = network(0.5);
        assertThat(decayed.calcRegularizationScore(true)).isGreaterThan(1);
        assertThat(LocalSteps.fit(decayed, batch)).isCloseTo(LocalSteps.fit(network(0), batch), within(1e-5));
    }

    @Test
    void aShareOfEachLabelIsSpreadOverAllClasses() {
        DataSet batch = new DataSet(Nd4j.ones(2, 1), Nd4j.createFromArray(new float[][] {{0, 1, 0, 0}, {0, 0, 0, 1}}));
        LocalSteps.smoothLabels(batch, 0.2);
        assertThat(batch.getLabels().toFloatMatrix())
                .isDeepEqualTo(new float[][] {{0.05f, 0.85f, 0.05f, 0.05f}, {0.05f, 0.05f, 0.05f, 0.85f}});
    }

    private static MultiLayerNetwork network(double weightDecay) {
        Recipe recipe = Recipe.REFERENCE
                .withEpochs(1)
                .withBatchSize(8)
                .withLearningRate(0.1)
                .withWeightDecay(weightDecay);
        return ReferenceCnn.initialise(ReferenceCnn.configuration(
                Norm.CUSTOM, (InputTypeConvolutional) InputType.convolutional(16, 16, 1), 8, recipe));
    }
}
