package org.bncnn.experiment;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import org.bncnn.data.DatasetLocator;
import org.bncnn.engine.Engine;
import org.bncnn.model.Norm;
import org.junit.jupiter.api.Test;

class ExperimentRunnerTest {
    private final List<String> told = new ArrayList<>();

    @Test
    void theScaleOfTheWeightsDoesNotCountWithBatchNormalization() throws IOException {
        ExperimentResult result = run(Experiment.INIT, Integer.MAX_VALUE);
        assertThat(result.settings()).containsExactly("×0.01", "×0.1", "×1", "×10", "×100");
        assertThat(result.norms()).containsExactly("none", "custom");
        assertThat(told).hasSize(10).startsWith("none ×0.01 0/10", "custom ×0.01 1/10");
        Trial none = trial(result, "none", "×100");
        Trial custom = trial(result, "custom", "×100");
        // With the norm the first layer's gradient hardly depends on the scale; without, it grows with each layer
        // behind it.
        double normal = first(trial(result, "custom", "×1"));
        assertThat(first(custom)).isBetween(normal / 3, normal * 3);
        assertThat(first(none)).isGreaterThan(1e4 * first(trial(result, "none", "×1")));
        assertThat(ExperimentText.render(result))
                .contains("Weights ×100: before training, the norm of the first layer's gradient is ");
    }

    @Test
    void largeWeightsLetATrainingDiverge() throws IOException {
        ExperimentResult result = run(Experiment.EXPLODING, Integer.MAX_VALUE);
        Trial none = trial(result, "none", "relu ×100");
        assertThat(none.diverged()).isTrue();
        assertThat(none.accuracy()).isNull();
        assertThat(trial(result, "custom", "relu ×100").diverged()).isFalse();
        assertThat(ExperimentText.render(result)).contains("it diverged at relu ×10, relu ×100.");
        // Sigmoids do not let it come to that: most of them saturate.
        assertThat(trial(result, "none", "sigmoid ×100").atStart().get(1).flat())
                .isGreaterThan(0.8);
        assertThat(trial(result, "custom", "sigmoid ×100").atStart().get(1).flat())
                .isLessThan(0.1);
    }

    @Test
    void deepSigmoidsPassNoGradientWithoutBatchNormalization() throws IOException {
        ExperimentResult result = run(Experiment.VANISHING, Integer.MAX_VALUE);
        for (Trial trial : result.trials()) {
            int depth = Integer.parseInt(trial.setting());
            assertThat(trial.atStart()).hasSize(depth + 1);
            double ratio = first(trial) / trial.atStart().get(depth).gradientNorm();
            if (trial.norm().equals("none") && depth > 2) {
                assertThat(ratio).isLessThan(Math.pow(0.25, depth - 1.0));
            } else if (trial.norm().equals("custom")) {
                assertThat(ratio).isGreaterThan(0.1);
            }
        }
    }

    @Test
    void whatWasCompleteWhenItWasStoppedIsKept() throws IOException {
        assertThat(run(Experiment.LEARNING_RATE, 3).trials()).hasSize(3);
    }

    @Test
    void namesAreThoseOfTheCommandLine() {
        assertThat(Arrays.stream(Experiment.values()).map(Experiment::toString).toList())
                .containsExactly("vanishing", "exploding", "learning-rate", "batch-size", "init");
    }

    /** Stops after so many trials. */
    private ExperimentResult run(Experiment experiment, int trials) throws IOException {
        int[] ended = {0};
        ExperimentObserver observer = new ExperimentObserver() {
            @Override
            public void trialStarted(String norm, String setting, int done, int all) {
                told.add(norm + " " + setting + " " + done + "/" + all);
            }

            @Override
            public void trialEnded(Trial trial) {
                ended[0]++;
            }
        };
        return new ExperimentRunner(
                        experiment, EnumSet.of(Norm.NONE, Norm.CUSTOM), DatasetLocator.sample(), Engine.ONEDNN, 1)
                .run(observer, () -> ended[0] >= trials);
    }

    private static double first(Trial trial) {
        return trial.atStart().get(0).gradientNorm();
    }

    private static Trial trial(ExperimentResult result, String norm, String setting) {
        return result.trials().stream()
                .filter(trial -> trial.norm().equals(norm) && trial.setting().equals(setting))
                .findFirst()
                .orElseThrow();
    }
}
