package org.bncnn.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.bncnn.model.Norm;
import org.bncnn.model.Recipe;
import org.bncnn.model.ReferenceCnn;
import org.deeplearning4j.config.DL4JSystemProperties;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeConvolutional;
import org.deeplearning4j.nn.layers.mkldnn.MKLDNNBatchNormHelper;
import org.deeplearning4j.nn.layers.mkldnn.MKLDNNConvHelper;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

class BackendTest {
    @BeforeEach
    void onlyWhereThereIsAOneDnnBuild() {
        assumeTrue(System.getProperty(NativeBuild.EXTENSION_PROPERTY).equals(NativeBuild.ONEDNN_AVX2));
    }

    @AfterEach
    void enableAgain() {
        System.clearProperty(DL4JSystemProperties.DISABLE_HELPER_PROPERTY);
        Backend.start();
    }

    /** Those for pooling stay off, because their gradient of average pooling is wrong. */
    @Test
    void layersStartTheHelpersThatComputeCorrectly() {
        MultiLayerNetwork network = network();
        for (MultiLayerNetwork each : new MultiLayerNetwork[] {network, network.clone()}) {
            assertThat(each.getLayer("conv1").getHelper()).isInstanceOf(MKLDNNConvHelper.class);
            assertThat(each.getLayer("bn1").getHelper()).isInstanceOf(MKLDNNBatchNormHelper.class);
            assertThat(each.getLayer("pool1").getHelper()).isNull();
        }
    }

    /**
     * Ten steps with helpers and without: parameters, running statistics among them, and outputs agree within float
     * arithmetic.
     */
    @Test
    void helpersComputeWhatDl4jComputesWithoutThem() {
        MultiLayerNetwork with = network();
        System.setProperty(DL4JSystemProperties.DISABLE_HELPER_PROPERTY, "true");
        MultiLayerNetwork without = network();
        assertThat(without.getLayer("conv1").getHelper()).isNull();
        assertThat(Backend.usesOneDnn()).isFalse();
        Nd4j.getRandom().setSeed(5);
        for (int step = 0; step < 10; step++) {
            INDArray images = Nd4j.rand(DataType.FLOAT, 16, 1, 28, 28).muli(2).subi(1);
            INDArray labels =
                    Nd4j.eye(10).castTo(DataType.FLOAT).getRows(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2, 3, 4, 5);
            with.fit(new DataSet(images, labels));
            without.fit(new DataSet(images, labels));
            assertThat(with.score()).isCloseTo(without.score(), within(1e-4));
        }
        for (Layer layer : with.getLayers()) {
            String name = layer.conf().getLayer().getLayerName();
            layer.paramTable().forEach((key, parameter) -> {
                INDArray expected = without.getLayer(name).getParam(key);
                assertThat(parameter.distance2(expected))
                        .as("relative L2 distance of %s %s", name, key)
                        .isLessThan(1e-3 * expected.norm2Number().doubleValue());
            });
        }
        INDArray images = Nd4j.rand(DataType.FLOAT, 16, 1, 28, 28);
        assertThat(with.output(images).distance2(without.output(images))).isLessThan(1e-3);
    }

    private static MultiLayerNetwork network() {
        MultiLayerConfiguration configuration = ReferenceCnn.configuration(
                Norm.BUILTIN, (InputTypeConvolutional) InputType.convolutional(28, 28, 1), 10, Recipe.REFERENCE);
        return ReferenceCnn.initialise(configuration);
    }
}
