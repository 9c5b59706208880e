package org.bncnn.compare;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.bncnn.compare.Comparison.LayerParity;
import org.bncnn.compare.Comparison.LayerSpeed;
import org.bncnn.compare.Comparison.NormTraining;
import org.bncnn.compare.Comparison.Quantity;
import org.bncnn.compare.Comparison.RunningVariance;
import org.bncnn.train.EpochResult;
import org.bncnn.train.HeldOut;
import org.bncnn.train.Measurement;
import org.junit.jupiter.api.Test;

class VerdictTest {
    private static final List<Long> SHAPE = List.of(64L, 16L, 24L, 24L);

    @Test
    void layersWithinTheLimitAreTheSame() {
        List<String> verdict = Verdict.of(20, List.of(place("bn1", 2e-5), place("bn2", 3e-6)), List.of(), List.of());
        assertThat(verdict.get(0))
                .isEqualTo("Same arithmetic: on 20 real batches the custom layer is within 2.0e-05 of the built-in one"
                        + " (relative L2; the most in the output of bn1), where 1e-04 is allowed.");
        assertThat(verdict.get(1)).contains("custom layer is off by at most 1.0e-07, the built-in one by 2.0e-05");
        assertThat(verdict.get(2)).contains("by a factor of 64/63 = 1.0159");
    }

    @Test
    void oneQuantityBeyondTheLimitIsEnough() {
        assertThat(Verdict.of(20, List.of(place("bn1", 2e-5), place("bn2", 2e-4)), List.of(), List.of())
                        .get(0))
                .startsWith("NOT the same arithmetic")
                .contains("output of bn2");
    }

    @Test
    void notANumberIsNotTheSame() {
        assertThat(Verdict.of(20, List.of(place("bn1", Double.NaN), place("bn2", 1e-6)), List.of(), List.of())
                        .get(0))
                .startsWith("NOT the same arithmetic")
                .contains("output of bn1");
    }

    @Test
    void speedIsARatioToEachOtherImplementation() {
        List<LayerSpeed> speed = List.of(
                new LayerSpeed(SHAPE, "built-in layer as DL4J ships it", 900, 1100, 6),
                new LayerSpeed(SHAPE, LayerSpeed.CUSTOM, 150, 250, 2),
                new LayerSpeed(List.of(64L, 128L), "built-in layer as DL4J ships it", 40, 50, 6),
                new LayerSpeed(List.of(64L, 128L), LayerSpeed.CUSTOM, 50, 50, 2));
        assertThat(Verdict.of(20, List.of(), speed, List.of()))
                .containsExactly(
                        "Speed: forward and backward together, the custom layer alone is 0.9 to 5.0 times as fast as"
                                + " the built-in layer as DL4J ships it.");
    }

    @Test
    void whatBatchNormalizationBuysIsToldAgainstNone() {
        List<NormTraining> training =
                List.of(training("none", 10, true, 0.70, 0.80), training("custom", 15, true, 0.79, 0.85));
        assertThat(Verdict.of(20, List.of(), List.of(), training))
                .containsExactly(
                        "What BN buys (custom): 85.00 % after 2 epochs instead of 80.00 %, +5.00 points. It had none's"
                                + " final accuracy after epoch 2, and took 1.5 times as long an epoch.");
    }

    @Test
    void aStoppedTrainingIsNotJudged() {
        List<NormTraining> training =
                List.of(training("none", 10, true, 0.70, 0.80), training("builtin", 10, false, 0.75));
        assertThat(Verdict.of(20, List.of(), List.of(), training))
                .containsExactly("Stopped: the training with norm builtin did not come to its end.");
    }

    private static LayerParity place(String layer, double relative) {
        return new LayerParity(
                layer,
                SHAPE,
                List.of(
                        new Quantity("input gradient", 1e-7, 1e-7, 1e-7, 1e-7),
                        new Quantity("output", 1e-5, relative, relative, 9e-8)),
                new RunningVariance(64, 64 / 63.0, 9e-3));
    }

    private static NormTraining training(String norm, double seconds, boolean completed, double... accuracies) {
        List<EpochResult> epochs = new ArrayList<>();
        for (double accuracy : accuracies) {
            epochs.add(new EpochResult(epochs.size() + 1, 1, new Measurement(HeldOut.TEST, accuracy, 1), seconds, 100));
        }
        return new NormTraining(norm, List.of(), epochs, completed, accuracies[accuracies.length - 1]);
    }
}
