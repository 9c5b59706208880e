package org.bncnn.eval;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class HistogramTest {
    @Test
    void valuesAreCountedInBinsOfTheSameWidth() {
        assertThat(Histogram.of(new double[] {-1, -0.6, 0, 0.9, 1}, 4))
                .isEqualTo(new Histogram(-1, 0.5, List.of(2, 0, 1, 2)));
    }

    @Test
    void whatIsBeyondTheRangeIsInTheBinsAtItsEnds() {
        assertThat(Histogram.of(new double[] {-9, 0.5, 9}, 0, 3, 3).counts()).containsExactly(2, 0, 1);
    }

    @Test
    void equalValuesHaveABinToo() {
        assertThat(Histogram.of(new double[] {3, 3}, 2).counts()).containsExactly(2, 0);
        assertThat(Histogram.of(new double[0], 2).counts()).containsExactly(0, 0);
    }
}
