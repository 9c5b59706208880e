package org.bncnn.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.bncnn.model.Norm;
import org.bncnn.model.Recipe;
import org.bncnn.model.ReferenceCnn;
import org.bncnn.norm.BatchNormFolding;
import org.bncnn.store.ModelFile;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeConvolutional;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.activations.impl.ActivationCube;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

class PortableModelTest {
    private static final int CLASSES = 4;

    private final INDArray images = Nd4j.rand(DataType.FLOAT, CLASSES, 1, 16, 16);

    @ParameterizedTest
    @EnumSource(Norm.class)
    void theSameOutputsWithoutAClassOfOurs(Norm norm) {
        MultiLayerNetwork network = trained(norm);
        INDArray expected = network.output(images).dup();
        MultiLayerNetwork portable =
                PortableModel.of(new ModelFile(network, null, null)).network();
        assertThat(portable.getLayerWiseConfigurations().toJson()).doesNotContain("org.bncnn");
        assertThat(portable.output(images).distance2(expected)).isLessThan(1e-6);
        INDArray folded = BatchNormFolding.fold(portable).output(images);
        assertThat(folded.distance2(expected)).isLessThan(1e-5);
    }

    @Test
    void whatHasNoCounterpartIsNamed() {
        MultiLayerNetwork network = trained(Norm.NONE);
        ((BaseLayer) network.getLayerWiseConfigurations().getConf(0).getLayer()).setActivationFn(new OwnActivation());
        assertThatThrownBy(() -> PortableModel.of(new ModelFile(network, null, null)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(OwnActivation.class.getName() + " has no counterpart in DL4J");
    }

    private MultiLayerNetwork trained(Norm norm) {
        MultiLayerNetwork network = ReferenceCnn.initialise(ReferenceCnn.configuration(
                norm, (InputTypeConvolutional) InputType.convolutional(16, 16, 1), CLASSES, Recipe.REFERENCE));
        for (int step = 0; step < 5; step++) {
            network.fit(new DataSet(images, Nd4j.eye(CLASSES)));
        }
        return network;
    }

    /** Something of ours that a network may have. */
    static final class OwnActivation extends ActivationCube {
        private static final long serialVersionUID = 1L;
    }
}
