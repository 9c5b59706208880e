package org.bncnn.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.util.Map;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;

/** What DL4J refuses is refused with its own exception, and what it takes for better or worse is taken. */
class WrongInputTest {
    private static final int EXAMPLES = 2;

    private static final MultiLayerConfiguration CNN = Networks.cnn(new Sgd(0.1));
    private static final MultiLayerConfiguration DENSE = Networks.classifier(
            InputType.feedForward(4), new DenseLayer.Builder().nOut(5).build());
    private static final MultiLayerConfiguration STRAIGHT_TO_DENSE = Networks.classifier(
            InputType.convolutional(4, 3, 2),
            new ConvolutionLayer.Builder(1, 1).nOut(2).build(),
            new DenseLayer.Builder().nOut(5).build());
    private static final MultiLayerConfiguration FLAT = Networks.classifier(
            InputType.convolutionalFlat(4, 3, 2),
            new ConvolutionLayer.Builder(2, 2).nOut(2).build());

    private static final MultiLayerConfiguration STRICT = Networks.classifier(
            InputType.convolutional(7, 7, 1),
            new ConvolutionLayer.Builder(3, 3)
                    .stride(2, 2)
                    .convolutionMode(ConvolutionMode.Strict)
                    .nOut(2)
                    .build(),
            new GlobalPoolingLayer());

    private static Stream<Arguments> features() {
        return Stream.of(
                Arguments.of(CNN, null),
                Arguments.of(CNN, new long[] {36}),
                Arguments.of(CNN, new long[] {EXAMPLES, 36}),
                Arguments.of(CNN, new long[] {EXAMPLES, 6, 6}),
                Arguments.of(CNN, new long[] {EXAMPLES, 1, 6, 6, 1}),
                Arguments.of(CNN, new long[] {EXAMPLES, 2, 6, 6}),
                Arguments.of(CNN, new long[] {EXAMPLES, 1, 2, 2}),
                Arguments.of(CNN, new long[] {EXAMPLES, 1, 3, 3}),
                Arguments.of(CNN, new long[] {EXAMPLES, 1, 9, 9}),
                Arguments.of(CNN, new long[] {EXAMPLES, 1, 5, 7}),
                Arguments.of(CNN, new long[] {0, 1, 6, 6}),
                Arguments.of(DENSE, new long[] {4}),
                Arguments.of(DENSE, new long[] {EXAMPLES, 3}),
                Arguments.of(DENSE, new long[] {EXAMPLES, 4, 1, 1}),
                Arguments.of(DENSE, new long[] {EXAMPLES, 1, 2, 2}),
                Arguments.of(DENSE, new long[] {0, 4}),
                Arguments.of(STRAIGHT_TO_DENSE, new long[] {EXAMPLES, 2, 3, 4}),
                Arguments.of(STRAIGHT_TO_DENSE, new long[] {EXAMPLES, 2, 12, 1}),
                Arguments.of(STRAIGHT_TO_DENSE, new long[] {EXAMPLES, 2, 4, 4}),
                Arguments.of(STRICT, new long[] {EXAMPLES, 1, 9, 5}),
                Arguments.of(STRICT, new long[] {EXAMPLES, 1, 8, 7}),
                Arguments.of(STRICT, new long[] {EXAMPLES, 1, 7, 8}),
                Arguments.of(FLAT, new long[] {EXAMPLES, 2, 3, 4}),
                Arguments.of(FLAT, new long[] {EXAMPLES, 23}),
                Arguments.of(FLAT, new long[] {EXAMPLES, 3, 4, 3}));
    }

    @ParameterizedTest
    @MethodSource("features")
    void wrongFeatures(MultiLayerConfiguration configuration, long... shape) {
        MultiLayerNetwork dl4j = Networks.random(configuration);
        OneDnnNetwork plan = OneDnnNetwork.accelerate(dl4j);
        INDArray features = shape == null ? null : shape[0] == 0 ? Nd4j.create(shape) : Networks.normal(1, shape);
        INDArray labels = Networks.batch(EXAMPLES, 1).getLabels();
        assertSame(() -> plan.output(features), () -> dl4j.output(features));
        assertSame(() -> plan.fit(features, labels), () -> dl4j.fit(features, labels));
        assertStillRuns(plan, dl4j, configuration);
    }

    private static Stream<long[]> labels() {
        return Stream.of(
                new long[] {EXAMPLES, Networks.CLASSES + 1},
                new long[] {EXAMPLES, 1},
                new long[] {EXAMPLES + 1, Networks.CLASSES},
                new long[] {Networks.CLASSES},
                new long[] {EXAMPLES, Networks.CLASSES, 1},
                new long[] {EXAMPLES, Networks.CLASSES, 1, 1},
                null);
    }

    @ParameterizedTest
    @MethodSource("labels")
    void wrongLabels(long... shape) {
        MultiLayerNetwork dl4j = Networks.random(CNN);
        OneDnnNetwork plan = OneDnnNetwork.accelerate(dl4j);
        INDArray features = Networks.normal(1, EXAMPLES, 1, 6, 6);
        INDArray labels = shape == null ? null : Networks.normal(2, shape);
        assertSame(() -> plan.fit(features, labels), () -> dl4j.fit(features, labels));
        assertStillRuns(plan, dl4j, CNN);
    }

    private static void assertSame(ThrowingCallable plan, ThrowingCallable dl4j) {
        Throwable expected = catchThrowable(dl4j);
        Throwable actual = catchThrowable(plan);
        if (expected == null) {
            assertThat(actual).isNull();
        } else {
            assertThat(actual).hasSameClassAs(expected).hasMessage(expected.getMessage());
        }
    }

    private static void assertStillRuns(MultiLayerNetwork plan, MultiLayerNetwork dl4j, MultiLayerConfiguration of) {
        Map<MultiLayerConfiguration, long[]> shapes = Map.of(
                CNN, new long[] {EXAMPLES, 1, 6, 6},
                DENSE, new long[] {EXAMPLES, 4},
                STRAIGHT_TO_DENSE, new long[] {EXAMPLES, 2, 4, 3},
                STRICT, new long[] {EXAMPLES, 1, 7, 7},
                FLAT, new long[] {EXAMPLES, 24});
        INDArray features = Networks.normal(3, shapes.get(of));
        Parity.assertClose("output", plan.output(features), dl4j.output(features), 0);
    }
}
