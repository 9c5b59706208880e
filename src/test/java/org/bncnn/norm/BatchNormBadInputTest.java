package org.bncnn.norm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.Arrays;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.assertj.core.api.ThrowableAssertAlternative;
import org.deeplearning4j.exception.DL4JInvalidConfigException;
import org.deeplearning4j.exception.DL4JInvalidInputException;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.weightnoise.DropConnect;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** What the layer refuses, when, and in which words. */
class BatchNormBadInputTest {
    private static final int CHANNELS = 3;

    private static LoneLayer layer(BatchNorm.Builder configuration) {
        return new LoneLayer(configuration.name("bn1").nOut(CHANNELS).build(), DataType.DOUBLE);
    }

    private static ThrowableAssertAlternative<DL4JInvalidInputException> assertRefusesInput(ThrowingCallable call) {
        return assertThatExceptionOfType(DL4JInvalidInputException.class)
                .isThrownBy(call)
                .withMessageContaining("layer name: bn1");
    }

    private static ThrowableAssertAlternative<DL4JInvalidConfigException> assertRefusesConfiguration(
            ThrowingCallable call) {
        return assertThatExceptionOfType(DL4JInvalidConfigException.class).isThrownBy(call);
    }

    static Stream<long[]> shapesOfWrongRank() {
        return Stream.of(new long[] {CHANNELS}, new long[] {2, CHANNELS, 2, 2, 2, 2});
    }

    @ParameterizedTest
    @MethodSource("shapesOfWrongRank")
    void rankBelowTwoOrAboveFive(long[] shape) {
        assertRefusesInput(() -> layer(new BatchNorm.Builder()).forward(Nd4j.rand(DataType.DOUBLE, shape)))
                .withMessageContaining("rank 2 to 5, got rank " + shape.length);
    }

    @ParameterizedTest
    @CsvSource({"false, 1, 5", "true, 3, 4"})
    void otherNumberOfChannels(boolean channelsLast, int axis, int got) {
        INDArray x = Nd4j.rand(DataType.DOUBLE, 2, 5, 3, 4);
        assertRefusesInput(() -> layer(new BatchNorm.Builder().channelsLast(channelsLast))
                        .forward(x))
                .withMessageContaining("Expected " + CHANNELS + " channels on axis " + axis + ", got " + got)
                .withMessageContaining("[2, 5, 3, 4]");
    }

    @Test
    void oneValuePerChannelInTraining() {
        assertRefusesInput(() -> layer(new BatchNorm.Builder()).forward(Nd4j.rand(DataType.DOUBLE, 1, CHANNELS)))
                .withMessageContaining("at least 2 values per channel")
                .withMessageContaining("got 1");
    }

    @Test
    void oneValuePerChannelThatIsNotMasked() {
        LoneLayer alone = layer(new BatchNorm.Builder());
        alone.layer().setMaskArray(Nd4j.createFromArray(0.0, 1, 0, 0).reshape(2, 2));
        assertRefusesInput(() -> alone.forward(Nd4j.rand(DataType.DOUBLE, 2, CHANNELS, 2)))
                .withMessageContaining("got 1");
    }

    /** With running mean 0 and variance 1 the output is the input, but for eps. */
    @Test
    void oneValuePerChannelIsFineInInference() {
        INDArray x = Nd4j.rand(DataType.DOUBLE, 1, CHANNELS);
        INDArray y = layer(new BatchNorm.Builder()).infer(x);
        assertThat(y.equalsWithEps(x.div(Math.sqrt(1 + BatchNorm.DEFAULT_EPS)), 1e-15))
                .isTrue();
    }

    static Stream<Arguments> masksThatDoNotFit() {
        long[] series = {4, CHANNELS, 5};
        long[] images = {4, CHANNELS, 2, 6};
        return Stream.of(
                Arguments.of(series, new long[] {4, 4}),
                Arguments.of(series, new long[] {5, 4}),
                Arguments.of(series, new long[] {4, 6}),
                Arguments.of(series, new long[] {1, 5}),
                Arguments.of(series, new long[] {4, 10}),
                Arguments.of(series, new long[] {4, CHANNELS, 5}),
                Arguments.of(series, new long[] {4, 1, 1, 5}),
                Arguments.of(images, new long[] {4, 3}), // divides 2·6
                Arguments.of(images, new long[] {4, 1, 6, 2}),
                Arguments.of(images, new long[] {4, 12}));
    }

    @ParameterizedTest
    @MethodSource("masksThatDoNotFit")
    void maskThatDoesNotFit(long[] shape, long[] mask) {
        LoneLayer alone = layer(new BatchNorm.Builder());
        alone.layer().setMaskArray(Nd4j.ones(DataType.DOUBLE, mask));
        assertRefusesInput(() -> alone.forward(Nd4j.rand(DataType.DOUBLE, shape)))
                .withMessageContaining("A mask of shape " + Arrays.toString(mask) + " does not fit input of shape "
                        + Arrays.toString(shape));
    }

    @ParameterizedTest
    @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
    void valuesThatAreNotFiniteIfTheyAreToBeRefused(double bad) {
        INDArray x = Nd4j.rand(DataType.DOUBLE, 4, CHANNELS);
        x.putScalar(1, 1, bad);
        LoneLayer alone = layer(new BatchNorm.Builder().refuseNonFinite(true));
        assertRefusesInput(() -> alone.forward(x)).withMessageContaining("1 values that are NaN or infinite");
        assertRefusesInput(() -> alone.infer(x)).withMessageContaining("1 values that are NaN or infinite");
    }

    @Test
    void valuesThatAreNotFinitePassElse() {
        INDArray x = Nd4j.rand(DataType.DOUBLE, 4, CHANNELS);
        x.putScalar(1, 1, Double.NaN);
        INDArray y = layer(new BatchNorm.Builder()).infer(x);
        assertThat(y.getDouble(1, 1)).isNaN();
        assertThat(y.getDouble(1, 0)).isFinite();
    }

    @Test
    void gradientOfAnotherShapeThanTheInput() {
        LoneLayer alone = layer(new BatchNorm.Builder());
        alone.forward(Nd4j.rand(DataType.DOUBLE, 4, CHANNELS, 2));
        assertRefusesInput(() -> alone.backward(Nd4j.rand(DataType.DOUBLE, 4, CHANNELS, 3)))
                .withMessageContaining("[4, 3, 3] does not fit input of shape [4, 3, 2]");
    }

    @Test
    void backwardPassWithoutAForwardPass() {
        LoneLayer alone = layer(new BatchNorm.Builder());
        INDArray x = Nd4j.rand(DataType.DOUBLE, 4, CHANNELS);
        alone.forward(x);
        alone.layer().clear();
        alone.layer().setInput(x, LayerWorkspaceMgr.noWorkspaces());
        assertThatIllegalStateException()
                .isThrownBy(() -> alone.backward(x))
                .withMessageContaining("no forward pass")
                .withMessageContaining("bn1");
    }

    static Stream<Arguments> settingsOutOfRange() {
        return Stream.of(
                setting("decay", -0.1, builder -> builder.decay(-0.1)),
                setting("decay", 1.1, builder -> builder.decay(1.1)),
                setting("decay", Double.NaN, builder -> builder.decay(Double.NaN)),
                setting("eps", 0, builder -> builder.eps(0)),
                setting("eps", -1e-5, builder -> builder.eps(-1e-5)),
                setting("eps", Double.POSITIVE_INFINITY, builder -> builder.eps(Double.POSITIVE_INFINITY)),
                setting("eps", Double.NaN, builder -> builder.eps(Double.NaN)),
                setting("gamma", Double.NaN, builder -> builder.gamma(Double.NaN)),
                setting("gamma", Double.POSITIVE_INFINITY, builder -> builder.gamma(Double.POSITIVE_INFINITY)),
                setting("beta", Double.NaN, builder -> builder.beta(Double.NaN)),
                setting("beta", Double.NEGATIVE_INFINITY, builder -> builder.beta(Double.NEGATIVE_INFINITY)));
    }

    private static Arguments setting(String name, double value, UnaryOperator<BatchNorm.Builder> set) {
        return Arguments.of(name, value, set);
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("settingsOutOfRange")
    void settingOutOfRangeAtBuild(String name, double value, UnaryOperator<BatchNorm.Builder> set) {
        BatchNorm.Builder builder = set.apply(new BatchNorm.Builder().name("bn1"));
        assertRefusesConfiguration(builder::build)
                .withMessageStartingWith("BatchNorm \"bn1\": " + name + " must be")
                .withMessageEndingWith("not " + value);
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("settingsOutOfRange")
    void settingOutOfRangeInAFileAtInit(String name, double value) {
        String json = network(
                        new BatchNorm.Builder().name("bn1").gamma(1).beta(0).build())
                .getLayerWiseConfigurations()
                .toJson();
        String written = Double.isFinite(value) ? String.valueOf(value) : "\"" + value + "\"";
        String edited = json.replaceFirst("\"" + name + "\" : [-\\d.eE]+", "\"" + name + "\" : " + written);
        assertThat(edited).isNotEqualTo(json);
        MultiLayerNetwork network = new MultiLayerNetwork(MultiLayerConfiguration.fromJson(edited));
        assertRefusesConfiguration(network::init)
                .withMessageStartingWith("BatchNorm \"bn1\": " + name + " must be")
                .withMessageEndingWith("not " + value);
    }

    @Test
    void weightNoise() {
        assertRefusesConfiguration(
                () -> new BatchNorm.Builder().weightNoise(new DropConnect(0.5)).build());
    }

    @Test
    void asManyChannelsMustGoOutAsComeIn() {
        BatchNorm.Builder builder = new BatchNorm.Builder().name("bn1").nIn(3).nOut(4);
        assertRefusesConfiguration(builder::build).withMessageContaining("nIn is 3 and nOut 4");
    }

    @ParameterizedTest
    @CsvSource({"3, 0", "0, 3", "3, 3"})
    void eitherNumberOfChannelsWillDo(int nIn, int nOut) {
        BatchNorm layer = new BatchNorm.Builder().nIn(nIn).nOut(nOut).build();
        assertThat(layer.getNIn()).isEqualTo(3);
        assertThat(layer.getNOut()).isEqualTo(3);
    }

    @Test
    void nInThatIsNotTheInputTypes() {
        BatchNorm layer = new BatchNorm.Builder().name("bn1").nIn(3).build();
        assertRefusesConfiguration(() -> layer.setNIn(InputType.feedForward(4), false))
                .withMessageContaining("nIn is 3")
                .withMessageContaining("4 channels");
    }

    @Test
    void neitherNInNorInputType() {
        BatchNorm layer = new BatchNorm.Builder().name("bn1").build();
        assertRefusesConfiguration(() -> new LoneLayer(layer, DataType.DOUBLE)).withMessageContaining("bn1");
    }

    @Test
    void stepThatFailsLeavesTheParametersUntouched() {
        MultiLayerNetwork network = network(new BatchNorm.Builder().name("bn1").build());
        network.fit(Nd4j.rand(DataType.FLOAT, 4, 2), Nd4j.rand(DataType.FLOAT, 4, 1));
        double[] before = network.params().ravel().toDoubleVector();
        INDArray one = Nd4j.rand(DataType.FLOAT, 1, 2);

        assertRefusesInput(() -> network.fit(one, Nd4j.rand(DataType.FLOAT, 1, 1)));
        assertThat(network.params().ravel().toDoubleVector()).containsExactly(before);

        network.fit(Nd4j.rand(DataType.FLOAT, 4, 2), Nd4j.rand(DataType.FLOAT, 4, 1));
        assertThat(network.params().ravel().toDoubleVector()).isNotEqualTo(before);
    }

    private static MultiLayerNetwork network(BatchNorm normalization) {
        MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .updater(new Adam(0.1))
                .list()
                .layer(new DenseLayer.Builder()
                        .nOut(CHANNELS)
                        .activation(Activation.IDENTITY)
                        .build())
                .layer(normalization)
                .layer(new OutputLayer.Builder(LossFunction.MSE)
                        .nOut(1)
                        .activation(Activation.IDENTITY)
                        .build())
                .setInputType(InputType.feedForward(2))
                .build());
        network.init();
        return network;
    }
}
