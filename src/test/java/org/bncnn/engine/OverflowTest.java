package org.bncnn.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bncnn.norm.BatchNorm;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.deeplearning4j.nn.conf.layers.LocallyConnected2D;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.Upsampling2D;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Numbers that are finite at first and overflow on their way: ReLU, pooling and softmax of oneDNN make a probability of
 * what is NaN. And what else a plan finds out only when it runs.
 */
class OverflowTest {
    private static final InputType IMAGES = InputType.convolutional(6, 6, 1);

    private final DataSet batch = Networks.cnnBatch(2);

    static Stream<List<Layer>> networks() {
        return Stream.of(
                List.of(convolution(Activation.RELU), convolution(Activation.RELU)),
                List.of(convolution(Activation.IDENTITY), norm(), convolution(Activation.RELU)),
                List.of(convolution(Activation.IDENTITY), ourNorm(), convolution(Activation.RELU)),
                List.of(norm(), convolution(Activation.RELU), maximum(), convolution(Activation.RELU)),
                List.of(convolution(Activation.SOFTPLUS), convolution(Activation.RELU)),
                List.of(convolution(Activation.RELU), new LocalResponseNormalization(), convolution(Activation.RELU)),
                List.of(convolution(Activation.CUBE), convolution(Activation.RELU)),
                List.of(new DenseLayer.Builder()
                        .nOut(8)
                        .activation(Activation.RELU)
                        .build()));
    }

    @ParameterizedTest
    @MethodSource("networks")
    void hugeParameters(List<Layer> layers) {
        for (double magnitude : new double[] {3e38, 1e30, 1e20, 1e12, 1e6}) {
            MultiLayerNetwork dl4j = network(layers);
            dl4j.params().muli(magnitude);
            assertSame(dl4j);
            dl4j.params().assign(magnitude);
            assertSame(dl4j);
        }
    }

    @ParameterizedTest
    @MethodSource("networks")
    void hugeInput(List<Layer> layers) {
        for (double magnitude : new double[] {3e38, 1e30, 1e20, 1e12, 1e6}) {
            batch.getFeatures().muli(magnitude);
            assertSame(network(layers));
            batch.getFeatures().divi(magnitude);
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {-5, -1, -1e-5, -1e-6, 0})
    void runningVariance(double variance) {
        for (Layer norm : List.of(
                new BatchNormalization.Builder().useLogStd(false).build(),
                new BatchNorm.Builder().useLogStd(false).build())) {
            for (List<Layer> layers :
                    List.of(List.of(convolution(Activation.IDENTITY), norm, relu()), List.of(norm, relu()))) {
                MultiLayerNetwork dl4j = network(layers);
                for (int i = 0; i < dl4j.getnLayers(); i++) {
                    if (dl4j.getLayer(i).paramTable().containsKey("var")) {
                        dl4j.getLayer(i).getParam("var").assign(variance);
                    }
                }
                assertSame(dl4j);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {Double.NaN, -1, -1e9, 0, 1e-50, 1e300})
    void eps(double eps) {
        BatchNormalization norm = norm();
        norm.setEps(eps);
        assertSame(network(List.of(convolution(Activation.IDENTITY), norm, relu())));
        assertSame(network(List.of(norm, relu())));
        assertThatThrownBy(() -> OneDnnNetwork.accelerate(network(List.of(norm, relu())))
                        .explain(false, batch.getFeatures().shape()))
                .hasMessageContaining("its eps is " + eps);
    }

    @Test
    void deepNetworksStillRunAsAPlan() throws NotCompilableException {
        MultiLayerNetwork dl4j = network(
                Stream.generate(OverflowTest::rectifiedConvolution).limit(40).toList());
        INDArray features = batch.getFeatures();
        try (Plan plan = Compiler.compile(dl4j, layer -> false, false, features.shape())) {
            assertThat(plan.infer(features.dup().data().asFloat(), 1)).isPresent();
        }
    }

    /** With small numbers, too, whose cube is smaller than any float. */
    @ParameterizedTest
    @ValueSource(doubles = {1e-30, 1e-14, 1e13})
    void cubes(double magnitude) {
        MultiLayerNetwork dl4j = network(List.of(convolution(Activation.CUBE)));
        dl4j.params().muli(magnitude);
        assertSame(dl4j);
    }

    @Test
    void aBoundThatGrowsTooLargeIsMeasured() {
        Bound bound = new Bound();
        Natives natives = new Natives();
        try {
            Tensor src = natives.allocate(natives.plain(1, 4), 1, 4);
            src.floats().write(new float[] {1, -3, 2, 0});
            bound.start(1e6);
            for (int i = 0; i < 100; i++) {
                bound.follow(new Times(1e6), src);
            }
            assertThat(bound.holds()).isTrue();
            bound.follow(new Times(1e30), src);
            assertThat(bound.holds()).isFalse();
            bound.start(1);
            assertThat(bound.holds()).isTrue();
            src.floats().write(new float[] {1, Float.NaN, 2, 0});
            bound.follow(new Times(1e6), src);
            assertThat(bound.holds()).isTrue(); // it need not look
            bound.follow(new Times(1e30), src);
            assertThat(bound.holds()).isFalse();
        } finally {
            natives.close();
        }
    }

    /** DL4J's locally connected layer does so, if the file it is from has another padding than it was made with. */
    @Test
    void aLayerThatGivesAnotherShapeThanItSays() {
        Layer lying = new Upsampling2D(new Upsampling2D.Builder(2)) {
            @Override
            public InputType getOutputType(int layerIndex, InputType inputType) {
                return inputType;
            }
        };
        assertSame(network(List.of(convolution(Activation.RELU), lying, new GlobalPoolingLayer())));
    }

    /**
     * DL4J's locally connected layer computes sizes again when it is asked what it gives, and no longer fits its
     * parameters.
     */
    @Test
    void aLayerIsAskedWithoutChangingIt() {
        LocallyConnected2D layer = new LocallyConnected2D.Builder()
                .kernelSize(3, 3)
                .nOut(4)
                .activation(Activation.RELU)
                .build();
        MultiLayerNetwork dl4j = network(List.of(layer, new GlobalPoolingLayer()));
        OneDnnNetwork plan = OneDnnNetwork.accelerate(dl4j);
        for (INDArray features : List.of(Nd4j.rand(2, 1, 8, 8), batch.getFeatures())) {
            Parity.assertClose("output", plan.output(features), dl4j.output(features), 1e-6);
        }
    }

    private record Times(double factor) implements Stage {
        @Override
        public Tensor forward(Tensor src) {
            return src;
        }

        @Override
        public Tensor backward(Tensor diffDst, boolean wanted) {
            return diffDst;
        }

        @Override
        public double bound(double src) {
            return factor * src;
        }

        @Override
        public String implementation() {
            return "times " + factor;
        }
    }

    private static Layer rectifiedConvolution() {
        return convolution(Activation.RELU);
    }

    private static ConvolutionLayer convolution(Activation activation) {
        return new ConvolutionLayer.Builder(3, 3)
                .padding(1, 1)
                .nOut(4)
                .activation(activation)
                .build();
    }

    private static BatchNormalization norm() {
        return new BatchNormalization.Builder().build();
    }

    private static Layer ourNorm() {
        return new BatchNorm.Builder().build();
    }

    private static Layer maximum() {
        return new SubsamplingLayer.Builder(PoolingType.MAX, new int[] {2, 2}).build();
    }

    private static Layer relu() {
        return new ActivationLayer.Builder().activation(Activation.RELU).build();
    }

    private static MultiLayerNetwork network(List<Layer> layers) {
        return Networks.random(
                Networks.classifier(IMAGES, layers.stream().map(Layer::clone).toArray(Layer[]::new)));
    }

    /** Outputs, of one example as of several, and scores are NaN in the same places. */
    private void assertSame(MultiLayerNetwork dl4j) {
        OneDnnNetwork plan = OneDnnNetwork.accelerate(dl4j);
        INDArray features = batch.getFeatures();
        assertThat(nan(plan.output(features))).isEqualTo(nan(dl4j.output(features)));
        assertThat(nan(Nd4j.createFromArray(plan.output(features.dup().data().asFloat(), features.shape()))))
                .isEqualTo(nan(dl4j.output(features).reshape(-1)));
        for (MultiLayerNetwork network : List.of(dl4j, plan)) {
            network.setInput(features);
            network.setLabels(batch.getLabels());
            network.computeGradientAndScore();
        }
        assertThat(Double.isNaN(plan.score())).isEqualTo(Double.isNaN(dl4j.score()));
        plan.close();
    }

    private static List<Boolean> nan(INDArray values) {
        float[] floats = values.dup('c').data().asFloat();
        return IntStream.range(0, floats.length)
                .mapToObj(i -> Float.isNaN(floats[i]))
                .toList();
    }
}
