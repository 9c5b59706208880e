package org.bncnn.array;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.INDArrayIndex;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Whatever an array's shape, order, view, permutation and type: values are read and written where they are, or not at
 * all.
 */
class FloatsProperties {
    private static final float OUTSIDE = -1;

    @Property(tries = 500, seed = "1")
    void valuesAreThoseOfTheArray(
            @ForAll @Size(max = 4) List<@IntRange(min = 1, max = 5) Integer> shape,
            @ForAll boolean fortran,
            @ForAll Type type,
            @ForAll Random random) {
        INDArray array = view(filled(shape, fortran ? 'f' : 'c', type.nd4j), random);
        float[] expected = values(array, 'c');
        assertThat(Floats.copyOf(array)).isEqualTo(expected);
        INDArray plain = Floats.plain(array);
        assertThat(plain.shape()).isEqualTo(array.shape());
        assertThat(Floats.of(plain).read()).isEqualTo(expected);
        assertThat(plain == array).isEqualTo(Floats.isPlain(array));
    }

    @Property(tries = 500, seed = "2")
    void aLayoutIsContiguousIfEachValueFollowsTheOneBefore(
            @ForAll @Size(max = 4) List<@IntRange(min = 1, max = 4) Integer> shape,
            @ForAll boolean fortran,
            @ForAll Type type,
            @ForAll Random random) {
        INDArray array = view(filled(shape, fortran ? 'f' : 'c', type.nd4j), random);
        for (char order : new char[] {'c', 'f'}) {
            List<Long> places = places(array, order);
            boolean sideBySide = true;
            for (int i = 0; i < places.size(); i++) {
                sideBySide &= places.get(i) == i;
            }
            assertThat(Floats.isContiguous(array, order)).isEqualTo(sideBySide);
            if (sideBySide && type == Type.FLOAT) {
                assertThat(Floats.of(array, order).read()).isEqualTo(values(array, order));
            } else {
                assertThatThrownBy(() -> Floats.of(array, order)).isInstanceOf(IllegalArgumentException.class);
            }
        }
    }

    @Property(tries = 300, seed = "3")
    void onlyTheViewIsWritten(
            @ForAll @Size(min = 1, max = 4) List<@IntRange(min = 1, max = 5) Integer> shape,
            @ForAll boolean fortran,
            @ForAll Random random) {
        char order = fortran ? 'f' : 'c';
        INDArray all = filled(shape, order, DataType.FLOAT).assign(OUTSIDE);
        INDArray view = view(all, random);
        if (!Floats.isContiguous(view, order)) {
            return;
        }
        float[] written = new float[(int) view.length()];
        for (int i = 0; i < written.length; i++) {
            written[i] = 1 + random.nextInt(1000);
        }
        Floats.of(view, order).write(written);
        assertThat(values(view, order)).isEqualTo(written);
        view.assign(OUTSIDE);
        assertThat(values(all, 'c')).containsOnly(OUTSIDE);
    }

    @Property(tries = 300, seed = "4")
    void partsAreCheckedAgainstBothBounds(
            @ForAll @IntRange(max = 20) int offset,
            @ForAll @IntRange(max = 20) int length,
            @ForAll @IntRange(min = -3, max = 24) int from,
            @ForAll @IntRange(min = -3, max = 24) int start,
            @ForAll @IntRange(min = -3, max = 24) int count) {
        INDArray all = Nd4j.arange(0, 40).castTo(DataType.FLOAT);
        Floats floats = Floats.of(all.data(), 40).slice(offset, length);
        float[] heap = new float[length];
        if (from >= 0 && start >= 0 && count >= 0 && from + count <= length && start + count <= length) {
            floats.read(from, heap, start, count);
            for (int i = 0; i < count; i++) {
                assertThat(heap[start + i]).isEqualTo(offset + from + i);
                heap[start + i] = 100 + i;
            }
            floats.write(from, heap, start, count);
            for (int i = 0; i < 40; i++) {
                int part = i - offset - from;
                assertThat(all.getFloat(i)).isEqualTo(part >= 0 && part < count ? 100 + part : i);
            }
        } else {
            assertThatThrownBy(() -> floats.read(from, heap, start, count))
                    .isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> floats.write(from, heap, start, count))
                    .isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    enum Type {
        FLOAT(DataType.FLOAT),
        DOUBLE(DataType.DOUBLE),
        HALF(DataType.FLOAT16),
        INT(DataType.INT32);

        private final DataType nd4j;

        Type(DataType nd4j) {
            this.nd4j = nd4j;
        }
    }

    /** {@return 0, 1, 2, …, in an array of a shape} */
    private static INDArray filled(List<Integer> shape, char order, DataType type) {
        long[] sizes = shape.stream().mapToLong(Integer::longValue).toArray();
        INDArray array = Nd4j.createUninitialized(type, sizes, order);
        for (long i = 0; i < array.length(); i++) {
            array.data().put(i, i);
        }
        return array;
    }

    /** {@return a part of an array, every so often with gaps, with its axes in another order, or repeated} */
    private static INDArray view(INDArray array, Random random) {
        int rank = array.rank();
        INDArray view = array;
        if (rank > 0 && random.nextBoolean()) {
            INDArrayIndex[] parts = new INDArrayIndex[rank];
            for (int axis = 0; axis < rank; axis++) {
                int size = (int) array.size(axis);
                int from = random.nextInt(size);
                int to = from + 1 + random.nextInt(size - from);
                int step = size % 2 == 0 && random.nextBoolean() ? 2 : 1; // ND4J takes no other sizes for steps of 2
                parts[axis] = random.nextInt(3) > 0
                        ? NDArrayIndex.all()
                        : step == 2 ? NDArrayIndex.interval(0, 2, size) : NDArrayIndex.interval(from, to);
            }
            view = array.get(parts);
        }
        if (view.rank() > 1 && random.nextBoolean()) {
            List<Integer> axes = new ArrayList<>();
            for (int axis = 0; axis < view.rank(); axis++) {
                axes.add(axis);
            }
            Collections.shuffle(axes, random);
            view = view.permute(axes.stream().mapToInt(Integer::intValue).toArray());
        }
        return view;
    }

    /** {@return how far behind the first value each one is, by the strides} */
    private static List<Long> places(INDArray array, char order) {
        List<Long> places = new ArrayList<>(List.of(0L));
        for (int i = 0; i < array.rank(); i++) {
            int axis = order == 'c' ? i : array.rank() - 1 - i;
            List<Long> longer = new ArrayList<>();
            for (long place : places) {
                for (long position = 0; position < array.size(axis); position++) {
                    longer.add(place + position * array.stride(axis));
                }
            }
            places = longer;
        }
        return places;
    }

    /** {@return an array's values in an order, one by one} */
    private static float[] values(INDArray array, char order) {
        List<Long> places = places(array, order);
        float[] values = new float[places.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = array.data().getFloat(places.get(i)); // from the buffer's offset on
        }
        return values;
    }
}
