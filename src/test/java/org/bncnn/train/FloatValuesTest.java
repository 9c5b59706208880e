package org.bncnn.train;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

class FloatValuesTest {
    @Test
    void aViewIsReadAndWrittenWhereItBegins() {
        INDArray all = Nd4j.createFromArray(1f, 2f, 3f, 4f, 5f);
        INDArray view = all.get(NDArrayIndex.interval(2, 4));
        assertThat(FloatValues.of(view)).containsExactly(3, 4);
        FloatValues.set(view, new float[] {7, 8});
        assertThat(all.toFloatVector()).containsExactly(1, 2, 7, 8, 5);
    }

    @Test
    void otherOrdersAreReadAsC() {
        INDArray columns =
                Nd4j.createFromArray(new float[][] {{1, 2, 3}, {4, 5, 6}}).dup('f');
        assertThat(FloatValues.of(columns)).containsExactly(1, 2, 3, 4, 5, 6);
    }
}
