package org.bncnn.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class TurnTest {
    @Test
    void aTurnIsItsImagesOverItsTimeAndThePercentilesOfItsCalls() {
        long[] nanos =
                LongStream.rangeClosed(1, 200).map(i -> 1_000 * (201 - i)).toArray();
        Turn turn = Turn.of(nanos, 10);
        assertThat(turn.calls()).isEqualTo(200);
        assertThat(turn.imagesPerSecond()).isEqualTo(2_000 / 0.0201);
        assertThat(turn.p50Micros()).isEqualTo(100);
        assertThat(turn.p99Micros()).isEqualTo(198);
    }

    @Test
    void oneCallIsAllPercentiles() {
        assertThat(Turn.of(new long[] {5_000_000}, 64)).isEqualTo(new Turn(1, 12_800, 5_000, 5_000));
    }

    @Test
    void theSpreadOfAnOddNumberOfTurnsHasItsMiddleOneOfAnEvenNumberTheMeanOfTwo() {
        List<Turn> turns = List.of(turn(9), turn(1), turn(3));
        assertThat(Spread.of(turns, Turn::imagesPerSecond)).isEqualTo(new Spread(3, 1, 9));
        assertThat(Spread.of(List.of(turn(9), turn(1), turn(3), turn(4)), Turn::imagesPerSecond))
                .isEqualTo(new Spread(3.5, 1, 9));
    }

    @Test
    void aTimingHasRoundsAndSeconds() {
        assertThat(new Timing(3, 0.5).turns()).isEqualTo(3 + Timing.WARM_UP_ROUNDS);
        assertThatThrownBy(() -> new Timing(0, 1)).hasMessage("rounds must be 1 to 1000, not 0");
        assertThatThrownBy(() -> new Timing(1, Double.NaN))
                .hasMessage("seconds must be above 0 and at most 60, not NaN");
    }

    private static Turn turn(double imagesPerSecond) {
        return new Turn(1, imagesPerSecond, 1, 1);
    }
}
