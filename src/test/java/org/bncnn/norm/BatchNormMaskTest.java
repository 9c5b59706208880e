package org.bncnn.norm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.shape.Shape;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.INDArrayIndex;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Masks of all shapes that DL4J hands to layers: what they keep is normalised as if there were nothing else, the rest
 * is 0.
 */
class BatchNormMaskTest {
    private static final int CHANNELS = 3;

    /** Some tens of double roundings, of numbers up to 10. */
    private static final double TOLERANCE = 1e-12;

    static Stream<Arguments> shapes() {
        long[] rows = {6, CHANNELS};
        long[] series = {4, CHANNELS, 5};
        long[] images = {4, CHANNELS, 2, 6};
        long[] volumes = {4, CHANNELS, 2, 2, 3};
        return Stream.of(
                Arguments.of(rows, new long[] {6}),
                Arguments.of(rows, new long[] {6, 1}),
                Arguments.of(series, new long[] {4, 1}),
                Arguments.of(series, new long[] {4, 5}),
                Arguments.of(series, new long[] {4, 1, 5}),
                Arguments.of(images, new long[] {4, 1}),
                Arguments.of(images, new long[] {4, 1, 1, 1}),
                Arguments.of(images, new long[] {4, 1, 2, 1}),
                Arguments.of(images, new long[] {4, 1, 1, 6}),
                Arguments.of(images, new long[] {4, 1, 2, 6}),
                Arguments.of(volumes, new long[] {4, 1}),
                Arguments.of(volumes, new long[] {4, 1, 2, 2, 3}));
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void keptValuesAreNormalisedByThemselves(long[] shape, long[] maskShape) {
        Nd4j.getRandom().setSeed(5);
        INDArray x = Nd4j.randn(DataType.DOUBLE, shape);
        INDArray dy = Nd4j.randn(DataType.DOUBLE, shape);
        INDArray mask = Nd4j.zeros(DataType.DOUBLE, maskShape);
        for (int i = 0; i < mask.length(); i++) {
            mask.putScalar(i, i % 3 == 1 ? 0 : 1);
        }
        LoneLayer masked = layer();
        masked.layer().setMaskArray(mask);
        INDArray y = masked.forward(x);
        INDArray dx = masked.backward(dy);

        LoneLayer alone = layer();
        assertClose(Nd4j.vstack(values(y, mask, true)), alone.forward(Nd4j.vstack(values(x, mask, true))));
        assertClose(Nd4j.vstack(values(dx, mask, true)), alone.backward(Nd4j.vstack(values(dy, mask, true))));
        assertThat(Nd4j.vstack(values(y, mask, false)).ravel().toDoubleVector()).containsOnly(0);
        assertThat(Nd4j.vstack(values(dx, mask, false)).ravel().toDoubleVector())
                .containsOnly(0);
        for (String key : List.of("gamma", "beta", "mean", "var")) {
            assertClose(masked.gradient(key), alone.gradient(key));
        }
    }

    /** The sigmoid of 0 is not 0, so that it matters on which side of it values are masked. */
    private static LoneLayer layer() {
        return new LoneLayer(
                new BatchNorm.Builder()
                        .nOut(CHANNELS)
                        .activation(Activation.SIGMOID)
                        .build(),
                DataType.DOUBLE);
    }

    /** The channels of each position that is kept, or of each that is not, as rows. */
    private static List<INDArray> values(INDArray array, INDArray mask, boolean kept) {
        List<INDArray> rows = new ArrayList<>();
        long[] positions = array.shape().clone();
        positions[1] = 1;
        for (long number = 0; number < array.length() / CHANNELS; number++) {
            long[] at = Shape.ind2subC(positions, number);
            if (kept == (maskAt(mask, at) != 0)) {
                INDArrayIndex[] index = new INDArrayIndex[at.length];
                for (int axis = 0; axis < at.length; axis++) {
                    index[axis] = axis == 1 ? NDArrayIndex.all() : NDArrayIndex.point(at[axis]);
                }
                rows.add(array.get(index).dup().reshape(1, CHANNELS));
            }
        }
        return rows;
    }

    /**
     * A mask of the array's rank has an axis for channels; others have the first axes of the rest. An axis of length 1
     * is for all.
     */
    private static double maskAt(INDArray mask, long[] at) {
        long[] index = new long[mask.rank()];
        for (int axis = 0; axis < index.length; axis++) {
            int of = mask.rank() == at.length || axis == 0 ? axis : axis + 1;
            index[axis] = mask.size(axis) == 1 ? 0 : at[of];
        }
        return mask.getDouble(index);
    }

    private static void assertClose(INDArray actual, INDArray expected) {
        assertThat(actual.ravel().toDoubleVector())
                .containsExactly(expected.ravel().toDoubleVector(), within(TOLERANCE));
    }
}
