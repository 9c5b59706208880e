package org.bncnn.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.bncnn.array.Floats;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.config.Adam;

/** A plan that has run notices that something about its network or its input is not as it was. */
class ChangedArraysTest {
    private static final int EXAMPLES = 5;

    private final MultiLayerNetwork dl4j = Networks.random(Networks.cnn(new Adam(1e-2)));
    private final OneDnnNetwork plan = OneDnnNetwork.accelerate(dl4j);
    private final DataSet batch = Networks.cnnBatch(EXAMPLES);

    @BeforeEach
    void run() {
        dl4j.fit(batch);
        plan.fit(batch);
        assertSame();
    }

    private void assertSame() {
        assertSameOutput(batch.getFeatures(), batch.getFeatures());
        dl4j.fit(batch);
        plan.fit(batch);
        Parity.assertClose("parameters", plan.params(), dl4j.params(), 0);
        assertSameOutput(batch.getFeatures(), batch.getFeatures());
    }

    private void assertSameOutput(INDArray toPlan, INDArray toDl4j) {
        plan.explain(false, toPlan.shape());
        Parity.assertClose("output", plan.output(toPlan), dl4j.output(toDl4j), 0);
    }

    @Test
    void parametersWrittenInPlace() {
        for (double factor : new double[] {1.1, 0.9}) {
            for (MultiLayerNetwork network : new MultiLayerNetwork[] {dl4j, plan}) {
                network.params().muli(factor);
            }
            assertSameOutput(batch.getFeatures(), batch.getFeatures());
        }
        assertSame();
    }

    @Test
    void oneParameterWrittenInPlace() {
        for (String key : new String[] {"0_W", "1_gamma", "1_beta", "1_mean", "1_log10stdev", "4_W", "4_b"}) {
            for (MultiLayerNetwork network : new MultiLayerNetwork[] {dl4j, plan}) {
                network.getParam(key).subi(0.1);
            }
            assertSameOutput(batch.getFeatures(), batch.getFeatures());
        }
        assertSame();
    }

    @Test
    void parametersSet() {
        INDArray other = Networks.normal(5, dl4j.params().shape()).muli(0.1);
        dl4j.setParams(other.dup());
        plan.setParams(other.dup());
        assertSame();
    }

    @Test
    void oneParameterReplaced() {
        INDArray other = Networks.normal(5, 4, 1, 3, 3);
        dl4j.setParam("0_W", other);
        plan.setParam("0_W", other);
        assertSame();
    }

    @Test
    void aParameterThatIsNoLongerTheNetworks() {
        INDArray other = Networks.normal(5, 4, 1, 3, 3);
        dl4j.getLayer(0).paramTable().put("W", other.dup());
        plan.getLayer(0).paramTable().put("W", other.dup());
        Parity.assertClose("output", plan.output(batch.getFeatures()), dl4j.output(batch.getFeatures()), 0);
    }

    @Test
    void initialisedWithOtherParameters() {
        INDArray other = Networks.normal(5, dl4j.params().shape()).muli(0.1);
        dl4j.init(other.dup(), false);
        plan.init(other.dup(), false);
        assertSame();
    }

    @ParameterizedTest
    @MethodSource("batchSizes")
    void anotherBatchSize(int examples) {
        DataSet other = Networks.cnnBatch(examples);
        dl4j.fit(other);
        plan.fit(other);
        assertSameOutput(other.getFeatures(), other.getFeatures());
        assertSame();
    }

    /** On both sides of the number of examples that are run at a time. */
    private static Stream<Integer> batchSizes() {
        return Stream.of(1, 4, 6, 127, 128, 129, 300);
    }

    @Test
    void moreBatchSizesThanPlansAreKept() {
        for (int round = 0; round < 2; round++) {
            for (int examples = 1; examples <= 12; examples++) {
                DataSet other = Networks.cnnBatch(examples);
                dl4j.fit(other);
                plan.fit(other);
                assertSameOutput(other.getFeatures(), other.getFeatures());
            }
        }
        assertSame();
    }

    @ParameterizedTest
    @MethodSource("types")
    void featuresOfAnotherType(DataType type) {
        INDArray features = batch.getFeatures().mul(8);
        features.assign(Nd4j.math().floor(features)); // exact in half precision, too
        assertSameOutput(features.castTo(type), features);
    }

    private static Stream<DataType> types() {
        return Stream.of(DataType.DOUBLE, DataType.FLOAT16, DataType.BFLOAT16);
    }

    @Test
    void labelsOfAnotherType() {
        dl4j.fit(batch);
        plan.fit(new DataSet(
                batch.getFeatures().castTo(DataType.DOUBLE), batch.getLabels().castTo(DataType.DOUBLE)));
        Parity.assertClose("parameters", plan.params(), dl4j.params(), 0);
    }

    @Test
    void featuresThatDoNotLieSideBySide() {
        INDArray all = Networks.normal(5, 2 * EXAMPLES, 2, 9, 8);
        INDArray view = all.get(
                NDArrayIndex.interval(1, 2, 2 * EXAMPLES),
                NDArrayIndex.interval(1, 2),
                NDArrayIndex.interval(2, 8),
                NDArrayIndex.interval(1, 7));
        assertThat(Floats.isContiguous(view, 'c')).isFalse();
        assertSameOutput(view, view.dup('c'));
        INDArray permuted = batch.getFeatures().dup().permute(0, 1, 3, 2);
        assertSameOutput(permuted, permuted.dup('c'));
        INDArray fortran = batch.getFeatures().dup('f');
        assertSameOutput(fortran, batch.getFeatures());
        dl4j.fit(new DataSet(permuted.dup('c'), batch.getLabels().dup('c')));
        plan.fit(new DataSet(permuted, batch.getLabels().dup('f')));
        Parity.assertClose("parameters", plan.params(), dl4j.params(), 0);
    }

    /** The first value of a view is not its buffer's. */
    @Test
    void featuresFromTheMiddleOfAnArray() {
        INDArray all = Networks.normal(5, 3 * EXAMPLES, 1, 6, 6);
        INDArray middle = all.get(NDArrayIndex.interval(EXAMPLES, 2 * EXAMPLES));
        assertThat(middle.offset()).isPositive();
        assertSameOutput(middle, middle.dup('c'));
    }

    @Test
    void theInputIsNotWrittenTo() {
        INDArray features = batch.getFeatures().dup();
        INDArray labels = batch.getLabels().dup();
        plan.fit(batch);
        plan.output(batch.getFeatures());
        assertThat(batch.getFeatures()).isEqualTo(features);
        assertThat(batch.getLabels()).isEqualTo(labels);
    }
}
