package org.bncnn.array;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.FloatPointer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

class FloatsTest {
    @Test
    void aViewIsReadAndWrittenWhereItBegins() {
        INDArray all = Nd4j.createFromArray(1f, 2f, 3f, 4f, 5f);
        Floats view = Floats.of(all.get(NDArrayIndex.interval(2, 4)));
        assertThat(view.read()).containsExactly(3, 4);
        assertThat(view.address()).isEqualTo(all.data().address() + 2 * Float.BYTES);
        assertThat(new FloatPointer(view.pointer()).get()).isEqualTo(3);
        view.write(new float[] {7, 8});
        assertThat(all.toFloatVector()).containsExactly(1, 2, 7, 8, 5);
    }

    @Test
    void otherOrdersAreReadAsC() {
        INDArray columns =
                Nd4j.createFromArray(new float[][] {{1, 2, 3}, {4, 5, 6}}).dup('f');
        assertThat(Floats.copyOf(columns)).containsExactly(1, 2, 3, 4, 5, 6);
        assertThat(Floats.of(columns, 'f').read()).containsExactly(1, 4, 2, 5, 3, 6);
    }

    @Test
    void aRepeatedValueIsCopiedOnly() {
        INDArray repeated = Nd4j.createFromArray(1f, 2f).reshape(2, 1).broadcast(2, 3);
        INDArray overlapping =
                Nd4j.create(Nd4j.createFromArray(1f, 2f, 3f).data(), new long[] {2, 2}, new long[] {1, 1}, 0L);
        assertThat(Floats.copyOf(repeated)).containsExactly(1, 1, 1, 2, 2, 2);
        assertThat(Floats.copyOf(overlapping)).containsExactly(1, 2, 2, 3);
        assertThatThrownBy(() -> Floats.of(overlapping)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void anEmptyArrayHasNoValuesAndNoAddress() {
        for (INDArray empty : List.of(Nd4j.empty(DataType.FLOAT), Nd4j.create(DataType.FLOAT, 0, 3))) {
            assertThat(Floats.copyOf(empty)).isEmpty();
            assertThat(Floats.of(empty).address()).isZero();
            Floats.of(empty).write(new float[0]);
            assertThatThrownBy(() -> Floats.of(empty).write(new float[1])).isInstanceOf(IllegalArgumentException.class);
        }
        assertThat(Floats.copyOf(Nd4j.empty(DataType.DOUBLE))).isEmpty();
    }

    @Test
    void aScalarIsOneValue() {
        assertThat(Floats.copyOf(Nd4j.scalar(3f))).containsExactly(3);
        assertThat(Floats.copyOf(Nd4j.scalar(3.0))).containsExactly(3);
    }

    @Test
    void aClosedArrayIsRefused() {
        INDArray array = Nd4j.create(DataType.FLOAT, 4, 4);
        INDArray view = array.getRow(2);
        array.close();
        assertThatThrownBy(() -> Floats.of(array)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> Floats.of(view)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void anotherTypeIsRefused() {
        for (DataType type : new DataType[] {DataType.DOUBLE, DataType.FLOAT16, DataType.INT32, DataType.BOOL}) {
            INDArray array = Nd4j.zeros(type, 3);
            assertThatThrownBy(() -> Floats.of(array))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("the values are of type " + type);
        }
    }

    @Test
    void memoryEndsWhereItsBufferDoes() {
        INDArray array = Nd4j.createFromArray(1f, 2f, 3f, 4f, 5f);
        INDArray view = array.get(NDArrayIndex.interval(2, 4));
        assertThat(Floats.of(array.data(), 5).read()).containsExactly(1, 2, 3, 4, 5);
        assertThat(Floats.of(view.data(), 3).read()).containsExactly(3, 4, 5);
        for (long length : new long[] {-1, 4, Long.MAX_VALUE}) {
            assertThatThrownBy(() -> Floats.of(view.data(), length)).isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> Floats.of(array).slice(3, 3)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> Floats.of(array).write(new float[4])).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void memoryOfOthersHasAnAddress() {
        try (FloatPointer pointer = new FloatPointer(1f, 2f, 3f)) {
            assertThat(Floats.at(pointer.address(), 3).read()).containsExactly(1, 2, 3);
        }
        assertThatThrownBy(() -> Floats.at(0, 1)).isInstanceOf(IllegalArgumentException.class);
    }

    /** Beyond what an NIO buffer holds, another way is taken; the memory does not have to be that long to see it. */
    @Test
    void longMemoryIsCopiedInPartsToo() {
        try (FloatPointer pointer = new FloatPointer(1f, 2f, 3f, 4f)) {
            Floats floats = Floats.at(pointer.address(), 1L << 40);
            float[] heap = new float[4];
            floats.read(1, heap, 2, 2);
            assertThat(heap).containsExactly(0, 0, 2, 3);
            floats.write(2, heap, 2, 2);
            assertThat(floats.slice(0, 4).read()).containsExactly(1, 2, 2, 3);
            for (int start : new int[] {-1, 3}) {
                assertThatThrownBy(() -> floats.read(0, heap, start, 2)).isInstanceOf(IndexOutOfBoundsException.class);
                assertThatThrownBy(() -> floats.write(0, heap, start, 2)).isInstanceOf(IndexOutOfBoundsException.class);
            }
        }
    }

    @Test
    @SuppressWarnings("try") // what is opened is used by way of the thread
    void arraysOfAWorkspaceAreArrays() {
        try (MemoryWorkspace open = Nd4j.getWorkspaceManager().getAndActivateWorkspace(Floats.class.getName())) {
            for (int i = 0; i < 3; i++) {
                INDArray array = Nd4j.createFromArray(1f, 2f, 3f, 4f).reshape(2, 2);
                assertThat(Floats.of(array).read()).containsExactly(1, 2, 3, 4);
                assertThat(Floats.of(array.getRow(1)).read()).containsExactly(3, 4);
            }
        }
    }

    /** The collector frees the memory of arrays that nobody holds, and the next array of that size gets it. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theArrayLivesAsLongAsItsFloats(boolean view) throws InterruptedException {
        List<Floats> kept = new ArrayList<>();
        for (int round = 0; round < 20; round++) {
            INDArray array = Nd4j.valueArrayOf(new long[] {2, 1000}, round, DataType.FLOAT);
            kept.add(Floats.of(view ? array.getRow(1) : array).slice(10, 100));
        }
        for (int round = 0; round < 5; round++) {
            System.gc();
            Thread.sleep(100);
            Nd4j.valueArrayOf(new long[] {2, 1000}, -1, DataType.FLOAT);
        }
        for (int round = 0; round < kept.size(); round++) {
            assertThat(kept.get(round).read()).containsOnly(round);
        }
    }
}
