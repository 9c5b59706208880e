package org.bncnn.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeConvolutional;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class ReferenceCnnTest {
    private static final InputTypeConvolutional FASHION_MNIST = input(28, 28, 1);

    @Test
    void withoutBatchNormalizationItHasTheArticlesParameters() {
        MultiLayerNetwork network = network(Norm.NONE);
        assertThat(network.numParams()).isEqualTo(80_202);
        assertThat(network.getLayer("conv1").numParams()).isEqualTo(416);
        assertThat(network.getLayer("conv2").numParams()).isEqualTo(12_832);
        assertThat(network.getLayer("fc1").numParams()).isEqualTo(65_664);
        assertThat(network.getLayer("fc2").numParams()).isEqualTo(1_290);
    }

    @Test
    void withBatchNormalizationBiasesGiveWayToScaleAndShift() {
        MultiLayerNetwork network = network(Norm.BUILTIN);
        int runningStatistics = 352;
        assertThat(network.numParams()).isEqualTo(80_378 + runningStatistics);
        assertThat(network.getLayer("conv1").numParams()).isEqualTo(400);
        assertThat(network.getLayer("fc1").paramTable()).containsOnlyKeys("W");
        assertThat(network.getLayer("fc2").numParams()).isEqualTo(1_290);
        BatchNormalization bn =
                (BatchNormalization) network.getLayer("bn2").conf().getLayer();
        assertThat(bn.getDecay()).isEqualTo(0.9);
        assertThat(bn.getEps()).isEqualTo(1e-5);
        assertThat(network.getLayer("bn2").paramTable()).containsOnlyKeys("gamma", "beta", "mean", "var");
    }

    @ParameterizedTest
    @CsvSource({"conv1, 25", "conv2, 400", "fc1, 512", "fc2, 128"})
    void parametersAreUniformWithinPyTorchsBound(String layer, int fanIn) {
        double bound = 1 / Math.sqrt(fanIn);
        for (INDArray parameter :
                network(Norm.NONE).getLayer(layer).paramTable().values()) {
            assertThat(parameter.amaxNumber().doubleValue()).isBetween(0.5 * bound, bound);
            // The standard deviation of U(−b, b) is b/√3; of n draws the estimate strays by about 1/√n of it.
            assertThat(parameter.stdNumber().doubleValue())
                    .isCloseTo(bound / Math.sqrt(3), within(3 * bound / Math.sqrt(parameter.length())));
        }
    }

    @Test
    void theSeedDecidesTheParameters() {
        assertThat(network(Norm.NONE).params()).isEqualTo(network(Norm.NONE).params());
        Recipe other = Recipe.REFERENCE.withEpochs(1).withSeed(2);
        MultiLayerNetwork differs =
                ReferenceCnn.initialise(ReferenceCnn.configuration(Norm.NONE, FASHION_MNIST, 10, other));
        assertThat(differs.getLayer("conv1").getParam("b"))
                .isNotEqualTo(network(Norm.NONE).getLayer("conv1").getParam("b"));
        assertThat(differs.getLayer("fc1").getParam("W"))
                .isNotEqualTo(network(Norm.NONE).getLayer("fc1").getParam("W"));
    }

    @Test
    void theNormsStartFromTheSameWeights() {
        for (String layer : new String[] {"conv1", "conv2", "fc1", "fc2"}) {
            assertThat(network(Norm.BUILTIN).getLayer(layer).getParam("W"))
                    .isEqualTo(network(Norm.NONE).getLayer(layer).getParam("W"));
        }
    }

    @ParameterizedTest
    @EnumSource(Norm.class)
    void theConfigurationSurvivesJson(Norm norm) {
        MultiLayerConfiguration configuration = ReferenceCnn.configuration(norm, FASHION_MNIST, 10, Recipe.REFERENCE);
        ReferenceCnn.initialise(configuration);
        assertThat(MultiLayerConfiguration.fromJson(configuration.toJson())).isEqualTo(configuration);
    }

    @ParameterizedTest
    @CsvSource({"16, 16, 1, 2", "28, 28, 3, 47", "33, 40, 3, 10"})
    void theDataDecidesTheShape(int height, int width, int channels, int classes) {
        MultiLayerNetwork network = ReferenceCnn.initialise(
                ReferenceCnn.configuration(Norm.BUILTIN, input(height, width, channels), classes, Recipe.REFERENCE));
        INDArray output = network.output(Nd4j.rand(DataType.FLOAT, 2, channels, height, width));
        assertThat(output.shape()).containsExactly(2, classes);
        assertThat(output.sum(1).getDouble(0)).isCloseTo(1, within(1e-5));
    }

    @Test
    void imagesThatTheSecondPoolingWouldLeaveEmptyAreRefused() {
        assertThatThrownBy(() -> ReferenceCnn.configuration(Norm.NONE, input(15, 28, 1), 10, Recipe.REFERENCE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("15×28 are too small");
    }

    @Test
    void oneClassIsRefused() {
        assertThatThrownBy(() -> ReferenceCnn.configuration(Norm.NONE, FASHION_MNIST, 1, Recipe.REFERENCE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at least 2 classes");
    }

    @Test
    void theNormalizerMapsPixelsToMinusOneToOne() {
        INDArray pixels = Nd4j.createFromArray(0f, 127.5f, 255f);
        ReferenceCnn.normalizer().transform(pixels);
        assertThat(pixels.toFloatVector()).containsExactly(-1, 0, 1);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 64, 0.1, 0.9, epochs",
        "1, 0, 0.1, 0.9, batch size",
        "1, 1, 0, 0.9, learning rate",
        "1, 1, -0.1, 0.9, learning rate",
        "1, 1, NaN, 0.9, learning rate",
        "1, 1, Infinity, 0.9, learning rate",
        "1, 1, 0.1, 1, momentum",
        "1, 1, 0.1, -0.1, momentum"
    })
    void aRecipeOutOfRangeIsRefused(int epochs, int batchSize, double learningRate, double momentum, String what) {
        assertThatThrownBy(() -> Recipe.REFERENCE
                        .withEpochs(epochs)
                        .withBatchSize(batchSize)
                        .withLearningRate(learningRate)
                        .withMomentum(momentum))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(what + " must be ");
    }

    private static InputTypeConvolutional input(int height, int width, int channels) {
        return (InputTypeConvolutional) InputType.convolutional(height, width, channels);
    }

    private static MultiLayerNetwork network(Norm norm) {
        return ReferenceCnn.initialise(ReferenceCnn.configuration(norm, FASHION_MNIST, 10, Recipe.REFERENCE));
    }
}
