package org.bncnn.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.util.List;
import org.bncnn.backend.Backend;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.learning.config.Sgd;

/** A closed network has no parameters any more. Who uses it nevertheless gets DL4J's exception. */
class CloseTest {
    private final MultiLayerNetwork dl4j = Backend.withoutOneDnn(() -> Networks.random(Networks.cnn(new Sgd(0.1))));
    private final OneDnnNetwork plan = Backend.withoutOneDnn(() -> OneDnnNetwork.accelerate(dl4j));
    private final DataSet batch = Networks.cnnBatch(4);

    @Test
    void usedAfterwards() {
        plan.fit(batch);
        plan.output(batch.getFeatures());
        dl4j.fit(batch);
        plan.close();
        dl4j.close();
        Throwable expected = catchThrowable(() -> dl4j.output(batch.getFeatures()));
        assertThat(catchThrowable(() -> plan.output(batch.getFeatures())))
                .isInstanceOf(RuntimeException.class)
                .hasSameClassAs(expected);
        assertThat(catchThrowable(() -> plan.fit(batch))).hasSameClassAs(catchThrowable(() -> dl4j.fit(batch)));
    }

    @Test
    void closedBeforeItRan() {
        plan.close();
        assertThat(catchThrowable(() -> plan.output(batch.getFeatures()))).isInstanceOf(RuntimeException.class);
    }

    @Test
    void closedTwice() {
        plan.fit(batch);
        plan.close();
        plan.close();
    }

    @Test
    void theNetworkItWasMadeFromLives() {
        INDArray expected = dl4j.output(batch.getFeatures()).dup();
        plan.output(batch.getFeatures());
        plan.close();
        assertThat(dl4j.output(batch.getFeatures())).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void itsArraysAreClosedUnderIt(boolean parameters) {
        for (MultiLayerNetwork network : List.of(dl4j, plan)) {
            network.fit(batch);
            network.output(batch.getFeatures());
            (parameters ? network.params() : network.getGradientsViewArray()).close();
        }
        assertThat(catchThrowable(() -> plan.fit(batch))).hasSameClassAs(catchThrowable(() -> dl4j.fit(batch)));
        if (parameters) {
            assertThat(catchThrowable(() -> plan.output(batch.getFeatures())))
                    .hasSameClassAs(catchThrowable(() -> dl4j.output(batch.getFeatures())));
        }
    }
}
