package org.bncnn.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import org.bncnn.data.DatasetLocator;
import org.bncnn.engine.Engine;
import org.bncnn.experiment.ExperimentResult.Trial;
import org.bncnn.model.Norm;
import org.junit.jupiter.api.Test;

class ExperimentRunnerTest {
    private final List<String> told = new ArrayList<>();

    /** Ioffe &amp; Szegedy 2015, §3.3: BN((aW)u) = BN(Wu), and its gradient by aW is 1/a of that by W. */
    @Test
    void behindBatchNormalizationLargerWeightsHaveSmallerGradients() throws IOException {
        ExperimentResult result = run(Experiment.INIT, Integer.MAX_VALUE);
        assertThat(result.settings()).containsExactly("×0.01", "×0.1", "×1", "×10", "×100");
        assertThat(result.norms()).containsExactly("none", "custom");
        assertThat(told).hasSize(10).startsWith("none ×0.01 0/10", "custom ×0.01 1/10");
        Trial none = trial(result, "none", "×100");
        Trial custom = trial(result, "custom", "×100");
        Trial unscaled = trial(result, "custom", "×1");
        assertThat(first(custom)).isCloseTo(first(unscaled) / 100, withinPercentage(1));
        assertThat(custom.lastGradient()).isCloseTo(unscaled.lastGradient(), withinPercentage(1));
        assertThat(custom.lastSpread()).isCloseTo(unscaled.lastSpread(), withinPercentage(1));
        // Without, each of the three hidden layers behind the first multiplies it by the scale.
        assertThat(first(none)).isGreaterThan(1e4 * first(trial(result, "none", "×1")));
        assertThat(ExperimentText.render(result))
                .contains("Hidden weights ×100: before training, the first layer's gradient is that at ×1 times ")
                .contains(" with norm none, 1.0e-02 with norm custom.");
    }

    @Test
    void largeWeightsLetATrainingDiverge() throws IOException {
        ExperimentResult result = run(Experiment.EXPLODING, Integer.MAX_VALUE);
        Trial none = trial(result, "none", "relu ×100");
        assertThat(none.diverged()).isTrue();
        assertThat(none.accuracy()).isNull();
        assertThat(trial(result, "custom", "relu ×100").diverged()).isFalse();
        assertThat(ExperimentText.render(result)).contains("it diverged at relu ×10, relu ×100.");
        assertThat(first(trial(result, "custom", "relu ×100")))
                .isCloseTo(first(trial(result, "custom", "relu ×1")) / 100, withinPercentage(1));
        double byRelu = first(none) / first(trial(result, "none", "relu ×1"));
        double bySigmoid = first(trial(result, "none", "sigmoid ×100")) / first(trial(result, "none", "sigmoid ×1"));
        assertThat(byRelu).isGreaterThan(1e4).isGreaterThan(bySigmoid);
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
        assertThat(ExperimentText.render(result))
                .contains("The slopes of 16 sigmoids, each at most 0.25, multiply to at most 2.3e-10.");
    }

    /** First layers that do not learn are no reason to stay at 10 %; last layers that cannot tell images apart are. */
    @Test
    void neitherHalfOfADeepNetworkOfSigmoidsLearnsWithoutBatchNormalization() throws IOException {
        ExperimentResult result = run(Experiment.HALVES, Integer.MAX_VALUE);
        assertThat(result.settings()).containsExactly("all 8", "5 to 8", "1 to 4");
        for (Trial trial : result.trials()) {
            boolean custom = trial.norm().equals("custom");
            assertThat(trial.accuracy()).as(trial.setting()).isBetween(custom ? 0.3 : 0.05, custom ? 1 : 0.15);
            assertThat(trial.lastSpread()).isBetween(custom ? 0.1 : 0, custom ? 1 : 1e-6);
            if (custom) {
                assertThat(trial.atEnd().get(0).activationMean()
                                != trial.atStart().get(0).activationMean())
                        .as("the first layer of %s changes", trial.setting())
                        .isEqualTo(!trial.setting().equals("5 to 8"));
            }
        }
        assertThat(ExperimentText.render(result))
                .contains("In the last hidden layer, before training, the standard deviation");
    }

    @Test
    void whatWasCompleteWhenItWasStoppedIsKept() throws IOException {
        assertThat(run(Experiment.LEARNING_RATE, 3).trials()).hasSize(3);
    }

    @Test
    void namesAreThoseOfTheCommandLine() {
        assertThat(Arrays.stream(Experiment.values()).map(Experiment::toString).toList())
                .containsExactly("vanishing", "halves", "exploding", "learning-rate", "batch-size", "init");
    }

    /** Stops after so many trials. */
    private ExperimentResult run(Experiment experiment, int trials) throws IOException {
        int[] ended = {0};
        ExperimentRunner.Observer observer = new ExperimentRunner.Observer() {
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
