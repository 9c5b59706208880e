package org.bncnn.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;

/** Java arrays in and out. */
class ArrayOutputTest {
    private final MultiLayerNetwork dl4j = Networks.random(Networks.cnn(new Sgd(0.1)));
    private final OneDnnNetwork plan = OneDnnNetwork.accelerate(dl4j);
    private final DataSet batch = Networks.cnnBatch(3);
    private final float[] features = batch.getFeatures().data().asFloat();
    private final long[] shape = batch.getFeatures().shape();

    @Test
    void itIsTheOutput() {
        assertThat(plan.output(features, shape)).isEqualTo(values(plan.output(batch.getFeatures())));
        plan.fit(batch);
        assertThat(plan.output(features, shape)).isEqualTo(values(plan.output(batch.getFeatures())));
    }

    @Test
    void moreThanAPlanTakes() {
        DataSet many = Networks.cnnBatch(300);
        assertThat(plan.output(
                        many.getFeatures().data().asFloat(), many.getFeatures().shape()))
                .isEqualTo(values(plan.output(many.getFeatures())));
    }

    @Test
    void whatDl4jHasToRun() {
        features[7] = Float.NaN;
        INDArray withNaN = batch.getFeatures().dup();
        withNaN.data().put(7, Float.NaN);
        assertThat(plan.output(features, shape)).isEqualTo(values(dl4j.output(withNaN)));
        OneDnnNetwork inDouble = OneDnnNetwork.accelerate(dl4j.convertDataType(DataType.DOUBLE));
        float[] finite = batch.getFeatures().data().asFloat();
        Parity.assertClose(
                "output",
                inDouble.output(batch.getFeatures()),
                Nd4j.createFromArray(inDouble.output(finite, shape))
                        .reshape(inDouble.output(batch.getFeatures()).shape()),
                0);
    }

    @Test
    void wrongShapes() {
        assertThatThrownBy(() -> plan.output(features, 1, 2, 3))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(features.length + " values are not of shape [1, 2, 3]");
        assertThatThrownBy(() -> plan.output(features, features.length))
                .isInstanceOf(RuntimeException.class)
                .hasMessage(messageOf(() -> dl4j.output(batch.getFeatures().reshape(features.length))));
    }

    private static String messageOf(Runnable failing) {
        try {
            failing.run();
        } catch (RuntimeException e) {
            return e.getMessage();
        }
        throw new AssertionError("it did not fail");
    }

    private static float[] values(INDArray array) {
        return array.dup('c').data().asFloat();
    }
}
