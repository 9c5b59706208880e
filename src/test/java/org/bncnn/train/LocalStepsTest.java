package org.bncnn.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.bncnn.model.Augmentation;
import org.bncnn.model.Norm;
import org.bncnn.model.Recipe;
import org.bncnn.model.ReferenceCnn;
import org.bncnn.model.Schedule;
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

    private static MultiLayerNetwork network(double weightDecay) {
        Recipe recipe = new Recipe(
                "test", 1, 8, 0.1, 0.9, 1, Schedule.CONSTANT, weightDecay, 0, Augmentation.NONE, 0, 0, false, 0);
        return ReferenceCnn.initialise(ReferenceCnn.configuration(
                Norm.CUSTOM, (InputTypeConvolutional) InputType.convolutional(16, 16, 1), 8, recipe));
    }
}
