package org.bncnn.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PatienceTest {
    private static List<EpochResult> epochs(double... accuracies) {
        return IntStream.range(0, accuracies.length)
                .mapToObj(i -> new EpochResult(i + 1, 1, new Measurement(HeldOut.VALIDATION, accuracies[i], 1), 1, 1))
                .toList();
    }

    @Test
    void dueAfterSoManyEpochsWithoutImprovement() {
        assertThat(Trainer.isOutOfPatience(epochs(), 2)).isFalse();
        assertThat(Trainer.isOutOfPatience(epochs(0.5, 0.4), 2)).isFalse();
        assertThat(Trainer.isOutOfPatience(epochs(0.5, 0.4, 0.5), 2)).isTrue();
        assertThat(Trainer.isOutOfPatience(epochs(0.5, 0.4, 0.6), 2)).isFalse();
        assertThat(Trainer.isOutOfPatience(epochs(0.5, 0.4, 0.6, 0.6, 0.55), 2)).isTrue();
    }

    @Test
    void neverWithoutPatience() {
        assertThat(Trainer.isOutOfPatience(epochs(0.5, 0.4, 0.3, 0.2), 0)).isFalse();
    }
}
