package org.bncnn.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.bncnn.eval.EvaluationSummary.Measured;
import org.junit.jupiter.api.Test;

class EvaluationSummaryTest {
    private static Measured measured(String name, double accuracy) {
        return new Measured(name, new EvaluationResult(1000, accuracy, 0.5, List.of(), List.of()));
    }

    @Test
    void meanAndStandardDeviationOfTheSample() {
        EvaluationSummary summary =
                EvaluationSummary.of(List.of(measured("a", 0.91), measured("b", 0.92), measured("c", 0.96)));
        assertThat(summary.meanAccuracy()).isCloseTo(0.93, within(1e-12));
        assertThat(summary.standardDeviation()).isCloseTo(Math.sqrt(0.0007), within(1e-12));
        assertThat(EvaluationText.render(summary).lines())
                .containsExactly(
                        "a: accuracy 91.00 %, loss 0.5000",
                        "b: accuracy 92.00 %, loss 0.5000",
                        "c: accuracy 96.00 %, loss 0.5000",
                        "Accuracy on test set: mean 93.00 %, standard deviation 2.65 % (3 models, 1,000 images)");
    }
}
