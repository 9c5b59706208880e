package org.bncnn.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class DistanceTest {
    @Test
    void addsUpOverArrays() {
        Distance distance = new Distance();
        distance.add(Nd4j.createFromArray(1.0, 2.0), Nd4j.createFromArray(1.0, 2.5));
        distance.add(Nd4j.createFromArray(-3.0), Nd4j.createFromArray(-4.0));
        assertThat(distance.maxAbsolute()).isEqualTo(1);
        assertThat(distance.relative()).isCloseTo(Math.sqrt(1.25 / (1 + 6.25 + 16)), within(1e-15));
    }

    @Test
    void orderAndTypeOfTheArraysDoNotMatter() {
        INDArray values = Nd4j.randn(DataType.FLOAT, 3, 4);
        Distance distance = new Distance();
        distance.add(values.dup('f'), values.castTo(DataType.DOUBLE));
        assertThat(distance.maxAbsolute()).isZero();
        assertThat(distance.relative()).isZero();
    }

    @Test
    void nanIsNotLost() {
        Distance distance = new Distance();
        distance.add(Nd4j.createFromArray(Double.NaN, 0.0), Nd4j.createFromArray(1.0, 0.5));
        distance.add(Nd4j.createFromArray(7.0), Nd4j.createFromArray(1.0));
        assertThat(distance.maxAbsolute()).isNaN();
        assertThat(distance.relative()).isNaN();
    }
}
