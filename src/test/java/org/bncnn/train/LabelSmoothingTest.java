package org.bncnn.train;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

class LabelSmoothingTest {
    @Test
    void aShareOfEachLabelIsSpreadOverAllClasses() {
        DataSet batch = new DataSet(Nd4j.ones(2, 1), Nd4j.createFromArray(new float[][] {{0, 1, 0, 0}, {0, 0, 0, 1}}));
        new LabelSmoothing(0.2).preProcess(batch);
        assertThat(batch.getLabels().toFloatMatrix())
                .isDeepEqualTo(new float[][] {{0.05f, 0.85f, 0.05f, 0.05f}, {0.05f, 0.05f, 0.05f, 0.85f}});
    }
}
