package org.bncnn.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.GradientUpdater;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.schedule.MapSchedule;
import org.nd4j.linalg.schedule.ScheduleType;
import org.nd4j.linalg.schedule.StepSchedule;

class HeavyBallTest {
    private static final double[] GRADIENTS = {1.0, -0.5, 2.0, 0.25};
    private static final double LEARNING_RATE = 0.1;
    private static final double MOMENTUM = 0.9;

    @Test
    void stepsAreTheLearningRateTimesTheVelocity() {
        double[] steps = steps(new HeavyBall(LEARNING_RATE, MOMENTUM));
        double velocity = 0;
        for (int i = 0; i < GRADIENTS.length; i++) {
            velocity = MOMENTUM * velocity + GRADIENTS[i];
            assertThat(steps[i]).isCloseTo(LEARNING_RATE * velocity, within(1e-12));
        }
    }

    @Test
    void nesterovsIsAnotherMethod() {
        double[] nesterov = steps(new Nesterovs(LEARNING_RATE, MOMENTUM));
        assertThat(nesterov[0]).isCloseTo(LEARNING_RATE * (1 + MOMENTUM) * GRADIENTS[0], within(1e-12));
        assertThat(steps(new HeavyBall(LEARNING_RATE, MOMENTUM))[0])
                .isCloseTo(LEARNING_RATE * GRADIENTS[0], within(1e-12));
    }

    @Test
    void aNewLearningRateScalesTheWholeVelocity() {
        var halved = new MapSchedule.Builder(ScheduleType.ITERATION)
                .add(0, 0.1)
                .add(1, 0.05)
                .build();
        double[] steps = steps(new HeavyBall(LEARNING_RATE, halved, MOMENTUM));
        assertThat(steps[1]).isCloseTo(0.05 * (MOMENTUM * GRADIENTS[0] + GRADIENTS[1]), within(1e-12));
    }

    @Test
    void stateIsTheVelocityInAViewOfItsOwnShape() {
        INDArray state = Nd4j.ones(DataType.DOUBLE, 1, 6);
        GradientUpdater<HeavyBall> updater = new HeavyBall(LEARNING_RATE, MOMENTUM).instantiate(state, true);
        INDArray gradient = Nd4j.createFromArray(1.0, 2, 3, 4, 5, 6);
        updater.applyUpdater(gradient, 0, 0);
        assertThat(state.toDoubleVector()).containsExactly(1, 2, 3, 4, 5, 6);
        assertThat(updater.getState()).containsOnlyKeys("V");
    }

    @Test
    void stateOfAnotherUpdaterIsRefused() {
        Map<String, INDArray> adam = Map.of("M", Nd4j.zeros(2), "V", Nd4j.zeros(2));
        assertThatThrownBy(() -> new HeavyBall(LEARNING_RATE, MOMENTUM).instantiate(adam, false))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void jsonKeepsEveryValue() {
        HeavyBall scheduled = new HeavyBall(0.02, new StepSchedule(ScheduleType.EPOCH, 0.02, 0.5, 3), 0.8);
        for (HeavyBall updater : new HeavyBall[] {scheduled, new HeavyBall(0.3, 0.7)}) {
            MultiLayerConfiguration configuration = new NeuralNetConfiguration.Builder()
                    .updater(updater)
                    .list()
                    .layer(new OutputLayer.Builder().nIn(2).nOut(2).build())
                    .build();
            OutputLayer read = (OutputLayer) MultiLayerConfiguration.fromJson(configuration.toJson())
                    .getConf(0)
                    .getLayer();
            assertThat(read.getIUpdater()).isEqualTo(updater).hasSameHashCodeAs(updater);
            assertThat(updater.clone()).isEqualTo(updater).isNotSameAs(updater);
        }
    }

    /** {@return what is subtracted from a parameter, step by step, whose gradients are {@link #GRADIENTS}} */
    private static double[] steps(IUpdater config) {
        GradientUpdater<?> updater = config.instantiate(Nd4j.zeros(DataType.DOUBLE, 1, 1), true);
        double[] steps = new double[GRADIENTS.length];
        for (int i = 0; i < steps.length; i++) {
            INDArray gradient = Nd4j.createFromArray(GRADIENTS[i]);
            updater.applyUpdater(gradient, i, 0);
            steps[i] = gradient.getDouble(0);
        }
        return steps;
    }
}
