package org.bncnn.eval;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ClassProbabilityTest {
    @Test
    void theMostProbableComeFirst() {
        float[] probabilities = {0.125f, 0.625f, 0.25f};
        assertThat(ClassProbability.top(probabilities, List.of("a", "b", "c"), 2))
                .containsExactly(new ClassProbability("b", 0.625), new ClassProbability("c", 0.25));
        assertThat(ClassProbability.top(probabilities, List.of("a", "b", "c"), 9))
                .hasSize(3);
    }
}
