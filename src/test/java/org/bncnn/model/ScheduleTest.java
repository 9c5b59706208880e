package org.bncnn.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeConvolutional;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.learning.config.IUpdater;

class ScheduleTest {
    private static final int EPOCHS = 20;
    private static final double RATE = 0.5;

    private static double rate(Schedule schedule, int epoch) {
        return schedule.of(RATE, EPOCHS).valueAt(12_345, epoch);
    }

    /** Epoch 10 is half way; a one-cycle of 20 epochs goes up for 9, down for 9, and is annealed for 2. */
    @ParameterizedTest
    @CsvSource({
        "CONSTANT, 0, 0.5",
        "CONSTANT, 19, 0.5",
        "CONSTANT, 100, 0.5",
        "COSINE, 0, 0.5",
        "COSINE, 10, 0.25",
        "COSINE, 19, 0.003077915",
        "COSINE, 100, 0.003077915",
        "ONE_CYCLE, 0, 0.05",
        "ONE_CYCLE, 9, 0.5",
        "ONE_CYCLE, 17, 0.1",
        "ONE_CYCLE, 19, 0.005"
    })
    void valueInAnEpoch(Schedule schedule, int epoch, double expected) {
        assertThat(rate(schedule, epoch)).isCloseTo(expected, within(1e-9));
    }

    @ParameterizedTest
    @EnumSource
    void neverNegativeAndNeverAboveTheHighest(Schedule schedule) {
        for (int epoch = 0; epoch < 3 * EPOCHS; epoch++) {
            assertThat(rate(schedule, epoch)).isGreaterThan(0).isLessThanOrEqualTo(RATE);
        }
    }

    @ParameterizedTest
    @EnumSource
    void evenASingleEpochHasALearningRate(Schedule schedule) {
        assertThat(schedule.of(RATE, 1).valueAt(0, 0)).isCloseTo(RATE, within(1e-12));
    }

    @ParameterizedTest
    @EnumSource
    void survivesTheConfigurationsJson(Schedule schedule) {
        Recipe recipe = Recipe.REFERENCE
                .withEpochs(EPOCHS)
                .withLearningRate(RATE)
                .withSchedule(schedule)
                .withWeightDecay(0.01);
        MultiLayerConfiguration configuration = ReferenceCnn.configuration(
                Norm.BUILTIN, (InputTypeConvolutional) InputType.convolutional(28, 28, 1), 10, recipe);
        MultiLayerConfiguration read = MultiLayerConfiguration.fromJson(configuration.toJson());
        assertThat(updater(read)).isEqualTo(updater(configuration));
        for (int epoch = 0; epoch < EPOCHS; epoch++) {
            assertThat(updater(read).getLearningRate(12_345, epoch)).isEqualTo(rate(schedule, epoch));
        }
    }

    private static IUpdater updater(MultiLayerConfiguration configuration) {
        return ((BaseLayer) configuration.getConf(0).getLayer()).getIUpdater();
    }
}
