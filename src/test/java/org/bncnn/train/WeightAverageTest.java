package org.bncnn.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import org.bncnn.model.Norm;
import org.bncnn.model.Recipe;
import org.bncnn.model.ReferenceCnn;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeConvolutional;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;

class WeightAverageTest {
    private final MultiLayerNetwork network = ReferenceCnn.initialise(ReferenceCnn.configuration(
            Norm.NONE, (InputTypeConvolutional) InputType.convolutional(28, 28, 1), 10, Recipe.REFERENCE));

    /** Sets every parameter, as after so many steps. */
    private void become(double value, int iterations) {
        network.params().assign(value);
        network.setIterationCount(iterations);
    }

    private float parameter() {
        float[] all = network.params().toFloatVector();
        assertThat(all).containsOnly(all[0]);
        return all[0];
    }

    /** {@code d ≤ (1 + t) / (10 + t)}: a tenth after no step, 2/11 after one, and so on. */
    @Test
    void theBeginningIsForgotten() {
        become(1, 0);
        WeightAverage average = new WeightAverage(network, 0.999, null);
        become(2, 1);
        average.update();
        become(3, 2);
        average.update();
        average.settle();
        double first = 0.1 * 1 + 0.9 * 2;
        assertThat((double) parameter()).isCloseTo(2.0 / 11 * first + 9.0 / 11 * 3, within(1e-6));
    }

    @Test
    void laterItKeepsItsShareAtEachStep() {
        become(1, 100_000);
        WeightAverage average = new WeightAverage(network, 0.9, null);
        become(2, 100_002); // two steps at once
        average.update();
        average.settle();
        assertThat((double) parameter()).isCloseTo(0.81 * 1 + 0.19 * 2, within(1e-6));
    }

    @Test
    void inPlaceItIsThereForAWhile() throws IOException {
        become(1, 100_000);
        WeightAverage average = new WeightAverage(network, 0.5, null);
        become(2, 100_001);
        average.update();
        average.inPlace(() -> assertThat(parameter()).isEqualTo(1.5f));
        assertThat(parameter()).isEqualTo(2);
        assertThatThrownBy(() -> average.inPlace(() -> {
                    throw new IOException("no");
                }))
                .hasMessage("no");
        assertThat(parameter()).isEqualTo(2);
    }

    @Test
    void withoutDecayItIsTheParametersThemselves() throws IOException {
        become(1, 0);
        WeightAverage average = new WeightAverage(network, 0, null);
        become(2, 1);
        average.update();
        average.inPlace(() -> assertThat(parameter()).isEqualTo(2));
        average.settle();
        assertThat(parameter()).isEqualTo(2);
    }

    @Test
    void goesOnFromAnAverage() {
        become(1, 100_000);
        float[] before = WeightAverage.values(network);
        become(2, 100_000);
        WeightAverage average = new WeightAverage(network, 0.5, before);
        become(3, 100_001);
        average.update();
        average.settle();
        assertThat(parameter()).isEqualTo(2);
    }
}
