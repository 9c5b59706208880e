package org.bncnn.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.LongStream;
import org.bncnn.bench.BenchmarkPlan.Timing;
import org.bncnn.bench.RunResult.Iteration;
import org.bncnn.bench.RunResult.Score;
import org.junit.jupiter.api.Test;

class RunResultTest {
    @Test
    void anIterationIsItsImagesOverItsTimeAndThePercentilesOfItsCalls() {
        long[] nanos =
                LongStream.rangeClosed(1, 200).map(i -> 1_000 * (201 - i)).toArray();
        Iteration iteration = Iteration.of(nanos, 10);
        assertThat(iteration.calls()).isEqualTo(200);
        assertThat(iteration.imagesPerSecond()).isEqualTo(2_000 / 0.0201);
        assertThat(iteration.p50Micros()).isEqualTo(100);
        assertThat(iteration.p99Micros()).isEqualTo(198);
    }

    @Test
    void oneCallIsAllPercentiles() {
        assertThat(Iteration.of(new long[] {5_000_000}, 64)).isEqualTo(new Iteration(1, 12_800, 5_000, 5_000));
    }

    @Test
    void theMedianOfAnOddNumberOfIterationsIsTheMiddleOneOfAnEvenNumberTheMeanOfTwo() {
        List<Iteration> iterations = List.of(iteration(9), iteration(1), iteration(3));
        assertThat(Score.of(iterations, Iteration::imagesPerSecond)).isEqualTo(new Score(3, 1, 9));
        assertThat(Score.of(
                        List.of(iteration(9), iteration(1), iteration(3), iteration(4)), Iteration::imagesPerSecond))
                .isEqualTo(new Score(3.5, 1, 9));
    }

    @Test
    void aTimingHasRoundsAndSeconds() {
        assertThat(new Timing(3, 0.5).iterations()).isEqualTo(3 + Timing.WARM_UP_ROUNDS);
        assertThatThrownBy(() -> new Timing(0, 1)).hasMessage("rounds must be 1 to 1000, not 0");
        assertThatThrownBy(() -> new Timing(1, Double.NaN))
                .hasMessage("seconds must be above 0 and at most 60, not NaN");
    }

    private static Iteration iteration(double imagesPerSecond) {
        return new Iteration(1, imagesPerSecond, 1, 1);
    }
}
