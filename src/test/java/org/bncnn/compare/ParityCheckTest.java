package org.bncnn.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.util.List;
import org.bncnn.compare.Comparison.LayerParity;
import org.bncnn.compare.Comparison.Quantity;
import org.bncnn.compare.ParityCheck.Distance;
import org.bncnn.data.DatasetLocator;
import org.bncnn.data.ImageDataset;
import org.bncnn.data.ImageSetIterator;
import org.bncnn.engine.Engine;
import org.bncnn.model.Norm;
import org.bncnn.model.Recipe;
import org.bncnn.model.ReferenceCnn;
import org.bncnn.train.Training;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.layers.wrapper.BaseWrapperLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class ParityCheckTest {
    private static final int STEPS = 3;

    @Test
    void theLayersAreTheSameOnRealBatches() throws IOException {
        List<LayerParity> parity = check(network());
        assertThat(parity).extracting(LayerParity::layer).containsExactly("bn1", "bn2", "bn3");
        assertThat(parity)
                .extracting(LayerParity::shape)
                .containsExactly(List.of(64L, 16L, 24L, 24L), List.of(64L, 32L, 8L, 8L), List.of(64L, 128L));
        for (LayerParity place : parity) {
            assertThat(place.quantities())
                    .extracting(Quantity::name)
                    .containsExactly(
                            "output",
                            "input gradient",
                            "gamma gradient",
                            "beta gradient",
                            "running mean",
                            "running variance, if both are unbiased");
            assertThat(place.quantities()).allSatisfy(quantity -> {
                assertThat(quantity.relative()).isLessThanOrEqualTo(Verdict.SAME);
                // Some roundings of 6e-8, for numbers that are sums or differences of others.
                assertThat(quantity.customError()).isBetween(1e-9, 1e-6);
            });
        }
    }

    @Test
    void theRunningVarianceDiffersAsMeant() throws IOException {
        LayerParity bn3 = check(network()).get(2);
        assertThat(bn3.runningVariance().valuesPerChannel()).isEqualTo(64);
        assertThat(bn3.runningVariance().factor()).isEqualTo(64 / 63.0);
        // Most of it still is the initial 1, which is the same in both; the rest differs by 1/63. Rounding is 1e-7.
        assertThat(bn3.runningVariance().relative()).isBetween(1e-5, 1.0 / 63);
    }

    @Test
    void aLayerThatComputesSomethingElseIsFoundOut() throws IOException {
        MultiLayerNetwork network = network();
        Layer[] layers = network.getLayers();
        for (int i = 0; i < layers.length; i++) {
            if ("bn2".equals(layers[i].conf().getLayer().getLayerName())) {
                layers[i] = new OneThousandthMore(layers[i]);
            }
        }
        network.setLayers(layers);
        List<LayerParity> parity = check(network);
        assertThat(output(parity.get(0))).isLessThan(Verdict.SAME);
        assertThat(output(parity.get(1))).isCloseTo(1e-3, within(2e-5));
        assertThat(output(parity.get(2))).isLessThan(Verdict.SAME);
    }

    @Test
    void aDistanceAddsUpOverArrays() {
        Distance distance = new Distance();
        distance.add(Nd4j.createFromArray(1.0, 2.0), Nd4j.createFromArray(1.0, 2.5));
        distance.add(Nd4j.createFromArray(-3.0), Nd4j.createFromArray(-4.0));
        assertThat(distance.maxAbsolute()).isEqualTo(1);
        assertThat(distance.relative()).isCloseTo(Math.sqrt(1.25 / (1 + 6.25 + 16)), within(1e-15));
    }

    @Test
    void orderAndTypeOfArraysDoNotMatterToADistance() {
        INDArray values = Nd4j.randn(DataType.FLOAT, 3, 4);
        Distance distance = new Distance();
        distance.add(values.dup('f'), values.castTo(DataType.DOUBLE));
        assertThat(distance.maxAbsolute()).isZero();
        assertThat(distance.relative()).isZero();
    }

    @Test
    void nanIsNotLostInADistance() {
        Distance distance = new Distance();
        distance.add(Nd4j.createFromArray(Double.NaN, 0.0), Nd4j.createFromArray(1.0, 0.5));
        distance.add(Nd4j.createFromArray(7.0), Nd4j.createFromArray(1.0));
        assertThat(distance.maxAbsolute()).isNaN();
        assertThat(distance.relative()).isNaN();
    }

    private static double output(LayerParity place) {
        return place.quantities().get(0).relative();
    }

    private static final class OneThousandthMore extends BaseWrapperLayer {
        private static final long serialVersionUID = 1L;

        OneThousandthMore(Layer underlying) {
            super(underlying);
        }

        @Override
        public INDArray activate(INDArray input, boolean training, LayerWorkspaceMgr workspaceMgr) {
            return super.activate(input, training, workspaceMgr).muli(1.001);
        }
    }

    private static MultiLayerNetwork network() throws IOException {
        return new Training(Norm.BUILTIN, Recipe.REFERENCE, DatasetLocator.sample(), Engine.DL4J).network();
    }

    private static List<LayerParity> check(MultiLayerNetwork network) throws IOException {
        ImageDataset data = DatasetLocator.sample();
        ImageSetIterator batches = ImageSetIterator.shuffled(data.train(), 64, 1);
        batches.setPreProcessor(ReferenceCnn.normalizer());
        return ParityCheck.run(network, batches, STEPS);
    }
}
