package org.bncnn.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.Upsampling2D;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.dataset.DataSet;

/** Networks of {@code [N, H, W, C]} run as DL4J runs them, also where the shape does not betray them. */
class ChannelsLastTest {
    private static final int SIDE = 4;

    private static Stream<Layer> layers() {
        return Stream.of(
                new ConvolutionLayer.Builder(3, 3)
                        .dataFormat(CNN2DFormat.NHWC)
                        .nOut(SIDE)
                        .build(),
                new SubsamplingLayer.Builder()
                        .kernelSize(2, 2)
                        .dataFormat(CNN2DFormat.NHWC)
                        .build(),
                new BatchNormalization.Builder().dataFormat(CNN2DFormat.NHWC).build(),
                new Upsampling2D.Builder(2).dataFormat(CNN2DFormat.NHWC).build(),
                new ZeroPaddingLayer.Builder(1, 1).dataFormat(CNN2DFormat.NHWC).build());
    }

    @ParameterizedTest
    @MethodSource("layers")
    void runAsDl4jRunsThem(Layer layer) {
        MultiLayerNetwork dl4j = Networks.random(Networks.classifier(
                InputType.convolutional(SIDE, SIDE, SIDE, CNN2DFormat.NHWC), layer, new GlobalPoolingLayer()));
        OneDnnNetwork plan = OneDnnNetwork.accelerate(dl4j);
        DataSet batch = Networks.batch(3, SIDE, SIDE, SIDE);
        dl4j.fit(batch);
        plan.fit(batch);
        assertThat(plan.params()).isEqualTo(dl4j.params());
        assertThat(plan.output(batch.getFeatures())).isEqualTo(dl4j.output(batch.getFeatures()));
        assertThatIllegalStateException()
                .isThrownBy(() -> plan.explain(true, 3, SIDE, SIDE, SIDE))
                .withMessageContaining("it has channels last");
    }
}
