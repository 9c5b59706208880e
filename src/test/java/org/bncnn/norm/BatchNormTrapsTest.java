package org.bncnn.norm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.DoubleStream;
import org.bncnn.backend.Backend;
import org.deeplearning4j.exception.DL4JInvalidConfigException;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.layers.LayerConstraint;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.GradientNormalization;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.constraint.NonNegativeConstraint;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.Convolution3D;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.weightnoise.DropConnect;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.layers.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.transferlearning.TransferLearning;
import org.deeplearning4j.nn.weights.WeightInit;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.exception.ND4JIllegalStateException;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * Traps of DL4J's built-in layer, each shown to be there and not to be in {@link BatchNorm}. If one of the tests named
 * {@code builtIn…} fails, DL4J has changed, and there is less reason for a layer of our own.
 */
class BatchNormTrapsTest {
    private static final int CHANNELS = 3;

    /** A few tens of double roundings, of numbers up to 100. */
    private static final double DOUBLE_TOLERANCE = 1e-12;

    /** A few tens of float roundings, of numbers up to 10. */
    private static final double FLOAT_TOLERANCE = 1e-5;

    @BeforeEach
    void seedRandomNumbers() {
        Nd4j.getRandom().setSeed(42);
    }

    private static INDArray normal(long... shape) {
        return Nd4j.randn(DataType.DOUBLE, shape);
    }

    private static LoneLayer ours(BatchNorm.Builder configuration) {
        return new LoneLayer(configuration.nOut(CHANNELS).build(), DataType.DOUBLE);
    }

    private static LoneLayer builtIn(BatchNormalization.Builder configuration) {
        FeedForwardLayer layer = configuration.useLogStd(false).nOut(CHANNELS).build();
        return Backend.withoutOneDnn(() -> new LoneLayer(layer, DataType.DOUBLE));
    }

    private static void assertClose(INDArray actual, INDArray expected) {
        assertThat(actual.shape()).isEqualTo(expected.shape());
        assertThat(actual.ravel().toDoubleVector())
                .containsExactly(expected.ravel().toDoubleVector(), within(DOUBLE_TOLERANCE));
    }

    /** Locked γ and β were ignored unless both of them differed from 1 and 0. */
    @Nested
    class LockedGammaAndBeta {
        private final INDArray x = normal(4, CHANNELS, 2, 2);
        private final INDArray dy = normal(4, CHANNELS, 2, 2);

        @ParameterizedTest
        @CsvSource({"2, 0", "1, 3"})
        void builtInIgnoresThemForwardButNotBackward(double gamma, double beta) {
            LoneLayer plain = ours(new BatchNorm.Builder());
            LoneLayer locked = builtIn(new BatchNormalization.Builder(gamma, beta, true));
            assertClose(locked.forward(x), plain.forward(x));
            assertClose(locked.backward(dy), plain.backward(dy).mul(gamma));
        }

        @ParameterizedTest
        @CsvSource({"2, 0", "1, 3"})
        void oursHonoursThemForwardAndBackward(double gamma, double beta) {
            LoneLayer plain = ours(new BatchNorm.Builder());
            LoneLayer locked = ours(
                    new BatchNorm.Builder().lockGammaBeta(true).gamma(gamma).beta(beta));
            assertClose(locked.forward(x), plain.forward(x).mul(gamma).add(beta));
            assertClose(locked.backward(dy), plain.backward(dy).mul(gamma));
        }
    }

    /** A frozen layer runs forward in test mode, behind which the batch has no statistics to have gradients of. */
    @Nested
    class FrozenWithBackprop {
        private static final double EPS = 1e-5;

        @Test
        void oursTakesTheRunningStatisticsForConstants() {
            LoneLayer alone = ours(new BatchNorm.Builder().eps(EPS));
            INDArray gamma = normal(CHANNELS);
            INDArray variance = Nd4j.rand(DataType.DOUBLE, CHANNELS).addi(0.5);
            alone.param("gamma").assign(gamma);
            alone.param("mean").assign(normal(CHANNELS));
            alone.param("var").assign(variance);
            INDArray dy = normal(4, CHANNELS, 2, 2);

            INDArray dx = backwardThroughFrozen(alone, normal(4, CHANNELS, 2, 2), dy);

            INDArray factor = gamma.div(Transforms.sqrt(variance.add(EPS)));
            assertClose(dx, dy.mul(factor.reshape(1, CHANNELS, 1, 1)));
        }

        @Test
        void oursLeavesNoGradientForAnUpdater() {
            LoneLayer alone = ours(new BatchNorm.Builder());
            backwardThroughFrozen(alone, normal(4, CHANNELS, 2, 2), normal(4, CHANNELS, 2, 2));
            for (String key : List.of("gamma", "beta", "mean", "var")) {
                assertThat(alone.gradient(key).ravel().toDoubleVector()).as(key).containsOnly(0);
            }
        }

        @Test
        void builtInLosesAGradientThatIsTheSameEverywhere() {
            INDArray x = plusMinusOne();
            INDArray dx = backwardThroughFrozen(builtIn(new BatchNormalization.Builder()), x, Nd4j.onesLike(x));
            assertClose(dx, Nd4j.zerosLike(x));
        }

        @Test
        void oursKeepsAGradientThatIsTheSameEverywhere() {
            INDArray x = plusMinusOne();
            INDArray dx = backwardThroughFrozen(ours(new BatchNorm.Builder().eps(EPS)), x, Nd4j.onesLike(x));
            assertClose(dx, Nd4j.onesLike(x).divi(Math.sqrt(1 + EPS)));
        }

        @Test
        void builtInWithHelpersThrows() {
            assumeTrue(Backend.usesOneDnn());
            BatchNormalization configuration =
                    new BatchNormalization.Builder().nOut(CHANNELS).build();
            LoneLayer alone = new LoneLayer(configuration, DataType.FLOAT);
            INDArray x = normal(4, CHANNELS, 2, 2).castTo(DataType.FLOAT);
            assertThat(alone.layer().getHelper()).as("DL4J's helper").isNotNull();
            assertThatThrownBy(() -> backwardThroughFrozen(alone, x, x)).isInstanceOf(NullPointerException.class);
        }

        /** The mean of each channel is that of the running statistics. */
        private static INDArray plusMinusOne() {
            INDArray x = Nd4j.ones(DataType.DOUBLE, 4, CHANNELS, 2, 2);
            x.get(NDArrayIndex.interval(0, 2)).negi();
            return x;
        }

        private static INDArray backwardThroughFrozen(LoneLayer alone, INDArray x, INDArray dy) {
            Layer frozen = new FrozenLayerWithBackprop(alone.layer());
            frozen.activate(x, true, LayerWorkspaceMgr.noWorkspaces());
            return frozen.backpropGradient(dy, LayerWorkspaceMgr.noWorkspaces()).getSecond();
        }
    }

    /** What moves the running statistics stands where gradients are clipped and renormalised. */
    @Nested
    class GradientNormalisation {
        private static final double THRESHOLD = 0.1;
        private static final double BATCH_MEAN = 5;
        private static final double DECAY = 0.9;

        @ParameterizedTest
        @EnumSource(names = {"RenormalizeL2PerParamType", "ClipElementWiseAbsoluteValue", "ClipL2PerParamType"})
        void builtInMovesItsRunningMeanByWhatGradientsMayBe(GradientNormalization kind) {
            assertThat(runningMeanOfBuiltIn(kind, false))
                    .isCloseTo(
                            kind == GradientNormalization.RenormalizeL2PerParamType ? 1 : THRESHOLD,
                            within(FLOAT_TOLERANCE));
        }

        /**
         * With γ and β locked and a batch of variance 1, the mean's is the only gradient of the layer that is not 0.
         */
        @ParameterizedTest
        @EnumSource(names = {"RenormalizeL2PerLayer", "ClipL2PerLayer"})
        void builtInMovesItsRunningMeanByWhatALayersGradientMayBe(GradientNormalization kind) {
            assertThat(runningMeanOfBuiltIn(kind, true))
                    .isCloseTo(
                            kind == GradientNormalization.RenormalizeL2PerLayer ? 1 : THRESHOLD,
                            within(FLOAT_TOLERANCE));
        }

        /** It returns gradients of γ and β that are gone when they are to be normalised. */
        @ParameterizedTest
        @EnumSource(names = {"RenormalizeL2PerParamType", "ClipL2PerParamType"})
        void builtInThrowsWithGammaAndBetaLocked(GradientNormalization kind) {
            assertThatThrownBy(() -> runningMeanOfBuiltIn(kind, true))
                    .isInstanceOf(ND4JIllegalStateException.class)
                    .hasMessageContaining("leaked workspace pointer");
        }

        private static double runningMeanOfBuiltIn(GradientNormalization kind, boolean locked) {
            MultiLayerNetwork network = Backend.withoutOneDnn(() -> network(
                    kind,
                    new BatchNormalization.Builder()
                            .decay(DECAY)
                            .lockGammaBeta(locked)
                            .useLogStd(false)
                            .build()));
            network.fit(oneChannel());
            return network.getLayer(0).getParam("mean").getDouble(0);
        }

        @ParameterizedTest
        @EnumSource
        void oursMovesItsRunningStatisticsByTheirOwnAmount(GradientNormalization kind) {
            for (boolean locked : new boolean[] {false, true}) {
                MultiLayerNetwork network = network(
                        kind,
                        new BatchNorm.Builder()
                                .decay(DECAY)
                                .lockGammaBeta(locked)
                                .build());
                network.fit(oneChannel());
                assertThat(network.getLayer(0).getParam("mean").getDouble(0))
                        .isCloseTo((1 - DECAY) * BATCH_MEAN, within(FLOAT_TOLERANCE));
                assertThat(network.getLayer(0).getParam("var").getDouble(0))
                        .isCloseTo(DECAY + (1 - DECAY) * 4 / 3, within(FLOAT_TOLERANCE));
            }
        }

        @ParameterizedTest
        @EnumSource
        void oursHasTheGradientsOfGammaAndBetaNormalised(GradientNormalization kind) {
            double[] plain = gradientOfGammaAndBeta(GradientNormalization.None);
            double norm = Math.hypot(plain[0], plain[1]);
            double[] expected = switch (kind) {
                case None -> plain;
                case RenormalizeL2PerLayer -> each(plain, g -> g / norm);
                case RenormalizeL2PerParamType -> each(plain, Math::signum);
                case ClipElementWiseAbsoluteValue, ClipL2PerParamType ->
                    each(plain, g -> Math.max(-THRESHOLD, Math.min(THRESHOLD, g)));
                case ClipL2PerLayer -> each(plain, g -> g / norm * THRESHOLD);
            };
            assertThat(plain[0]).isGreaterThan(THRESHOLD);
            assertThat(plain[1]).isLessThan(-THRESHOLD);
            assertThat(gradientOfGammaAndBeta(kind)).containsExactly(expected, within(FLOAT_TOLERANCE));
        }

        private static double[] each(double[] values, DoubleUnaryOperator function) {
            return DoubleStream.of(values).map(function).toArray();
        }

        /** What plain descent at rate 1 subtracts from γ = 1 and β = 0. */
        private static double[] gradientOfGammaAndBeta(GradientNormalization kind) {
            MultiLayerNetwork network = network(kind, new BatchNorm.Builder().build());
            network.fit(oneChannel());
            Layer layer = network.getLayer(0);
            return new double[] {
                1 - layer.getParam("gamma").getDouble(0),
                -layer.getParam("beta").getDouble(0)
            };
        }

        private static MultiLayerNetwork network(GradientNormalization kind, FeedForwardLayer normalization) {
            MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                    .updater(new Sgd(1))
                    .gradientNormalization(kind)
                    .gradientNormalizationThreshold(THRESHOLD)
                    .list()
                    .layer(normalization)
                    .layer(new LossLayer.Builder(LossFunction.MSE)
                            .activation(Activation.IDENTITY)
                            .build())
                    .setInputType(InputType.feedForward(1))
                    .build());
            network.init();
            return network;
        }

        /** Mean 5, biased variance 1, unbiased 4/3; wants γ lower and β higher. */
        private static DataSet oneChannel() {
            return new DataSet(
                    Nd4j.createFromArray(4f, 4f, 6f, 6f).reshape(4, 1),
                    Nd4j.createFromArray(0.5f, 0.5f, 1.5f, 1.5f).reshape(4, 1));
        }
    }

    /** Sequences and volumes are accepted by both configurations. */
    @Nested
    class OtherRanks {
        @Test
        void builtInComparesTheChannelsOfSequencesWithTheExamples() {
            LoneLayer layer = builtIn(new BatchNormalization.Builder());
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> layer.forward(normal(4, CHANNELS, 5)))
                    .withMessageContaining("input.size(1) does not match");
        }

        @Test
        void builtInNormalisesExamplesWhereThereAreAsManyAsChannels() {
            LoneLayer layer = builtIn(new BatchNormalization.Builder());
            INDArray x = normal(CHANNELS, CHANNELS, 5);
            INDArray examplesAsChannels = x.permute(1, 0, 2).dup('c');
            INDArray expected = ours(new BatchNorm.Builder()).forward(examplesAsChannels);
            assertClose(layer.forward(x), expected.permute(1, 0, 2).dup('c'));
        }

        @Test
        void builtInCannotGoBackThroughSequences() {
            LoneLayer layer = builtIn(new BatchNormalization.Builder());
            layer.forward(normal(CHANNELS, CHANNELS, 5));
            assertThatIllegalStateException()
                    .isThrownBy(() -> layer.backward(normal(CHANNELS, CHANNELS, 5)))
                    .withMessageContaining("not currently supported");
        }

        @Test
        void builtInRefusesVolumesOnlyWhenItRuns() {
            InputType volumes = InputType.convolutional3D(Convolution3D.DataFormat.NCDHW, 2, 2, 2, CHANNELS);
            assertThat(new BatchNormalization().getOutputType(0, volumes)).isEqualTo(volumes);
            LoneLayer layer = builtIn(new BatchNormalization.Builder());
            assertThatIllegalStateException()
                    .isThrownBy(() -> layer.forward(normal(4, CHANNELS, 2, 2, 2)))
                    .withMessageContaining("Unable to process input of rank 5");
        }

        @Test
        void oursNormalisesSequencesAsItDoesTheirElements() {
            assertEqualsFlattened(normal(CHANNELS, CHANNELS, 5), normal(CHANNELS, CHANNELS, 5));
            assertEqualsFlattened(normal(4, CHANNELS, 5), normal(4, CHANNELS, 5));
        }

        @Test
        void oursNormalisesVolumesAsItDoesTheirElements() {
            assertEqualsFlattened(normal(4, CHANNELS, 2, 3, 2), normal(4, CHANNELS, 2, 3, 2));
        }

        /** The built-in layer is right on rank 2, so that it may tell what is right on other ranks. */
        private void assertEqualsFlattened(INDArray x, INDArray dy) {
            LoneLayer flat = builtIn(new BatchNormalization.Builder());
            LoneLayer layer = ours(new BatchNorm.Builder());
            assertClose(flattened(layer.forward(x)), flat.forward(flattened(x)));
            assertClose(flattened(layer.backward(dy)), flat.backward(flattened(dy)));
        }

        /** {@code [N, C, …]} as {@code [N·…, C]}. */
        private static INDArray flattened(INDArray array) {
            return array.reshape(array.size(0), CHANNELS, -1)
                    .permute(0, 2, 1)
                    .dup('c')
                    .reshape(-1, CHANNELS);
        }
    }

    /** Settings that every layer's builder takes. */
    @Nested
    class CommonSettings {
        private final INDArray x = normal(6, CHANNELS);
        private final INDArray plain = ours(new BatchNorm.Builder()).forward(x);

        @Test
        void builtInIgnoresAnActivation() {
            LoneLayer layer = builtIn(new BatchNormalization.Builder().activation(Activation.TANH));
            assertClose(layer.forward(x), plain);
        }

        @Test
        void oursAppliesAnActivation() {
            LoneLayer layer = ours(new BatchNorm.Builder().activation(Activation.TANH));
            assertClose(layer.forward(x), Transforms.tanh(plain));
        }

        @Test
        void builtInIgnoresDropout() {
            LoneLayer layer = builtIn(new BatchNormalization.Builder().dropOut(0.5));
            assertClose(layer.forward(x), plain);
        }

        @Test
        void oursDropsInputAndItsGradient() {
            LoneLayer layer = ours(new BatchNorm.Builder().dropOut(0.5));
            INDArray y = layer.forward(x);
            INDArray dropped = layer.layer().input().dup();
            INDArray mask = dropped.div(x);
            assertThat(mask.ravel().toDoubleVector()).containsOnly(0, 2);
            LoneLayer without = ours(new BatchNorm.Builder());
            assertClose(y, without.forward(dropped));
            INDArray dy = normal(6, CHANNELS);
            assertClose(layer.backward(dy), without.backward(dy).mul(mask));
        }

        @Test
        void builtInIgnoresWeightNoise() {
            LoneLayer layer = builtIn(new BatchNormalization.Builder().weightNoise(new DropConnect(0.5)));
            assertClose(layer.forward(x), plain);
        }

        @Test
        void oursRefusesWeightNoise() {
            BatchNorm.Builder builder = new BatchNorm.Builder();
            assertThatThrownBy(() -> builder.weightNoise(new DropConnect(0.5)).build())
                    .isInstanceOf(DL4JInvalidConfigException.class);
        }

        @Test
        void builtInIgnoresAMask() {
            LoneLayer layer = builtIn(new BatchNormalization.Builder());
            layer.layer().setMaskArray(firstFour());
            assertClose(layer.forward(x), plain);
        }

        @Test
        void oursLeavesMaskedValuesOut() {
            LoneLayer layer = ours(new BatchNorm.Builder());
            layer.layer().setMaskArray(firstFour());
            INDArray y = layer.forward(x);
            INDArray kept = x.get(NDArrayIndex.interval(0, 4)).dup();
            assertClose(
                    y.get(NDArrayIndex.interval(0, 4)),
                    ours(new BatchNorm.Builder()).forward(kept));
            assertClose(y.get(NDArrayIndex.interval(4, 6)), Nd4j.zeros(DataType.DOUBLE, 2, CHANNELS));
        }

        @Test
        void builtInNeverReadsConstraints() {
            LoneLayer layer = builtIn(new BatchNormalization.Builder()
                    .constrainGamma(new NonNegativeConstraint())
                    .constrainBeta(new NonNegativeConstraint()));
            assertThat(constrained(layer)).containsOnly(-1);
        }

        @Test
        void oursAppliesConstraintsToGammaAndBetaAlone() {
            LoneLayer layer = ours(new BatchNorm.Builder()
                    .constrainGamma(new NonNegativeConstraint())
                    .constrainBeta(new NonNegativeConstraint()));
            assertThat(constrained(layer)).startsWith(0, 0, 0, 0, 0, 0).endsWith(-1, -1, -1, -1, -1, -1);
        }

        @Test
        void oursAppliesAConstraintToTheParameterItIsFor() {
            LoneLayer gamma = ours(new BatchNorm.Builder().constrainGamma(new NonNegativeConstraint()));
            assertThat(constrained(gamma)).startsWith(0, 0, 0, -1, -1, -1);
            LoneLayer beta = ours(new BatchNorm.Builder().constrainBeta(new NonNegativeConstraint()));
            assertThat(constrained(beta)).startsWith(-1, -1, -1, 0, 0, 0);
        }

        @Test
        void oursNeverAppliesAConstraintToTheRunningStatistics() {
            LayerConstraint onAll = new NonNegativeConstraint();
            onAll.setParams(Set.of("gamma", "beta", "mean", "var"));
            BatchNorm configuration = new BatchNorm.Builder().nOut(CHANNELS).build();
            configuration.setConstraints(List.of(onAll));
            assertThat(constrained(new LoneLayer(configuration, DataType.DOUBLE)))
                    .endsWith(-1, -1, -1, -1, -1, -1);
        }

        private static INDArray firstFour() {
            return Nd4j.createFromArray(1.0, 1, 1, 1, 0, 0).reshape(6, 1);
        }

        private static double[] constrained(LoneLayer layer) {
            layer.layer().params().assign(-1);
            layer.layer().applyConstraints(0, 0);
            return layer.layer().params().ravel().toDoubleVector();
        }
    }

    /** A configuration that goes through JSON before a network was made from it. */
    @Nested
    class JsonBeforeInit {
        private static final BatchNorm EVERY_SETTING = new BatchNorm.Builder()
                .name("normalised")
                .nOut(CHANNELS)
                .decay(0.7)
                .eps(1e-3)
                .cumulativeAverage(true)
                .gamma(2)
                .beta(-1)
                .lockGammaBeta(true)
                .useLogStd(true)
                .regularizeGammaBeta(true)
                .refuseNonFinite(true)
                .channelsLast(true)
                .activation(Activation.SOFTPLUS)
                .dropOut(0.75)
                .updater(new Sgd(0.25))
                .build();

        @Test
        void builtInLosesThatVarianceIsKeptItself() {
            BatchNormalization configuration = new BatchNormalization.Builder()
                    .nOut(CHANNELS)
                    .useLogStd(false)
                    .build();
            BatchNormalization read = (BatchNormalization) throughJson(configuration);
            assertThat(configuration.isUseLogStd()).isFalse();
            assertThat(read.isUseLogStd()).isTrue();
        }

        @Test
        void oursKeepsThatVarianceIsKeptItself() {
            BatchNorm configuration =
                    new BatchNorm.Builder().nOut(CHANNELS).useLogStd(false).build();
            assertThat(((BatchNorm) throughJson(configuration)).isUseLogStd()).isFalse();
        }

        @Test
        void oursKeepsEverySettingInAMultiLayerConfiguration() {
            MultiLayerConfiguration configuration = multiLayer(EVERY_SETTING.clone());
            MultiLayerConfiguration read = MultiLayerConfiguration.fromJson(configuration.toJson());
            assertThat(read).isEqualTo(configuration);
            assertEverySetting((BatchNorm) read.getConf(0).getLayer());
        }

        @Test
        void oursKeepsEverySettingInAComputationGraphConfiguration() {
            ComputationGraphConfiguration configuration = new NeuralNetConfiguration.Builder()
                    .graphBuilder()
                    .addInputs("in")
                    .addLayer("normalised", EVERY_SETTING.clone(), "in")
                    .addLayer("out", new LossLayer.Builder(LossFunction.MSE).build(), "normalised")
                    .setOutputs("out")
                    .build();
            ComputationGraphConfiguration read = ComputationGraphConfiguration.fromJson(configuration.toJson());
            assertThat(read).isEqualTo(configuration);
            LayerVertex vertex = (LayerVertex) read.getVertices().get("normalised");
            assertEverySetting((BatchNorm) vertex.getLayerConf().getLayer());
        }

        @Test
        void oursKeepsConstraints() {
            BatchNorm configuration = new BatchNorm.Builder()
                    .nOut(CHANNELS)
                    .constrainBeta(new NonNegativeConstraint())
                    .build();
            assertThat(throughJson(configuration).getConstraints())
                    .extracting(constraint -> constraint.getClass().getSimpleName(), LayerConstraint::getParams)
                    .containsExactly(tuple("NonNegativeConstraint", Set.of("beta")));
        }

        private static void assertEverySetting(BatchNorm read) {
            assertThat(read.getLayerName()).isEqualTo("normalised");
            assertThat(read.getNIn()).isEqualTo(CHANNELS);
            assertThat(read.getNOut()).isEqualTo(CHANNELS);
            assertThat(read.getDecay()).isEqualTo(0.7);
            assertThat(read.getEps()).isEqualTo(1e-3);
            assertThat(read.isCumulativeAverage()).isTrue();
            assertThat(read.getGamma()).isEqualTo(2);
            assertThat(read.getBeta()).isEqualTo(-1);
            assertThat(read.isLockGammaBeta()).isTrue();
            assertThat(read.isUseLogStd()).isTrue();
            assertThat(read.isRegularizeGammaBeta()).isTrue();
            assertThat(read.isRefuseNonFinite()).isTrue();
            assertThat(read.isChannelsLast()).isTrue();
            assertThat(read.getActivationFn()).isEqualTo(Activation.SOFTPLUS.getActivationFunction());
            assertThat(read.getIDropout()).isEqualTo(EVERY_SETTING.getIDropout());
            assertThat(read.getIUpdater()).isEqualTo(new Sgd(0.25));
        }

        private static FeedForwardLayer throughJson(FeedForwardLayer layer) {
            MultiLayerConfiguration read =
                    MultiLayerConfiguration.fromJson(multiLayer(layer).toJson());
            return (FeedForwardLayer) read.getConf(0).getLayer();
        }

        private static MultiLayerConfiguration multiLayer(FeedForwardLayer layer) {
            return new NeuralNetConfiguration.Builder()
                    .list()
                    .layer(layer)
                    .layer(new LossLayer.Builder(LossFunction.MSE).build())
                    .build();
        }
    }

    /**
     * A channel that is constant for long, as behind a dead ReLU, has a variance that shrinks by the decay at each
     * step.
     */
    @Nested
    class ConstantChannel {
        /** Enough at a decay of 0.5 to get from 1 past the smallest denormal float, 2⁻¹⁴⁹. */
        private static final int STEPS = 200;

        private static final double HALF = 0.5;
        private final INDArray x = Nd4j.valueArrayOf(new long[] {4, CHANNELS, 2, 2}, 0.5, DataType.FLOAT);
        private final INDArray dy = normal(4, CHANNELS, 2, 2).castTo(DataType.FLOAT);

        @Test
        void builtInVariancePassesThroughDenormalNumbers() {
            assertThat(denormalVariances(builtInFloat(false))).isGreaterThan(20);
        }

        @Test
        void oursVarianceNeverIsADenormalNumber() {
            assertThat(denormalVariances(oursFloat(false, HALF))).isZero();
        }

        @Test
        void builtInLogarithmBecomesNaN() {
            LoneLayer layer = builtInFloat(true);
            train(layer, STEPS);
            assertThat(layer.param("log10stdev").getDouble(0)).isNaN();
        }

        @ParameterizedTest
        @CsvSource({
            "false, 0.9, 2000",
            "true, 0.9, 2000",
            "false, 0.5, 200",
            "true, 0.5, 200",
            "false, 0, 2",
            "true, 0, 2"
        })
        void oursStaysFinite(boolean useLogStd, double decay, int steps) {
            LoneLayer layer = oursFloat(useLogStd, decay);
            train(layer, steps);
            for (INDArray array : List.of(layer.layer().params(), layer.infer(x), layer.backward(dy))) {
                assertThat(DoubleStream.of(array.ravel().toDoubleVector())).allMatch(Double::isFinite);
            }
        }

        @Test
        void oursVarianceEndsAtZero() {
            LoneLayer layer = oursFloat(false, HALF);
            train(layer, STEPS);
            assertThat(layer.param("var").ravel().toDoubleVector()).containsOnly(0);
        }

        @Test
        void oursLogarithmEndsAtThatOfTheSmallestNormalFloat() {
            LoneLayer layer = oursFloat(true, HALF);
            train(layer, STEPS);
            double smallest = Math.log10(Math.sqrt(Float.MIN_NORMAL));
            assertThat(layer.param("log10stdev").ravel().toDoubleVector())
                    .containsExactly(new double[] {smallest, smallest, smallest}, within(STEPS * FLOAT_TOLERANCE));
        }

        private static LoneLayer builtInFloat(boolean useLogStd) {
            FeedForwardLayer configuration = new BatchNormalization.Builder()
                    .decay(HALF)
                    .useLogStd(useLogStd)
                    .nOut(CHANNELS)
                    .build();
            return Backend.withoutOneDnn(() -> new LoneLayer(configuration, DataType.FLOAT));
        }

        private static LoneLayer oursFloat(boolean useLogStd, double decay) {
            return new LoneLayer(
                    new BatchNorm.Builder()
                            .decay(decay)
                            .useLogStd(useLogStd)
                            .nOut(CHANNELS)
                            .build(),
                    DataType.FLOAT);
        }

        /** After how many steps the running variance is neither 0 nor a normal float. */
        private int denormalVariances(LoneLayer layer) {
            int denormal = 0;
            for (int step = 0; step < STEPS; step++) {
                train(layer, 1);
                float variance = layer.param("var").getFloat(0);
                denormal += variance > 0 && variance < Float.MIN_NORMAL ? 1 : 0;
            }
            return denormal;
        }

        private void train(LoneLayer layer, int steps) {
            for (int step = 0; step < steps; step++) {
                layer.forward(x);
                layer.backward(dy);
                layer.moveRunningStatistics();
            }
        }
    }

    /** What a layer holds on to between its forward and its backward pass, beyond its input. */
    @Nested
    class MemoryBetweenPasses {
        private final INDArray x = normal(4, CHANNELS, 2, 2);

        @ParameterizedTest
        @CsvSource({"true", "false"})
        void builtInKeepsTwoArraysOfTheInputsSize(boolean training) {
            LoneLayer alone = builtIn(new BatchNormalization.Builder());
            INDArray y = training ? alone.forward(x) : alone.infer(x);
            assertThat(y.shape()).isEqualTo(x.shape());
            assertThat(fieldsAsLargeAsInput(alone.layer())).containsExactlyInAnyOrder("xMu", "xHat");
        }

        @ParameterizedTest
        @CsvSource({"true", "false"})
        void oursKeepsNone(boolean training) {
            LoneLayer alone = ours(new BatchNorm.Builder().activation(Activation.TANH));
            INDArray y = training ? alone.forward(x) : alone.infer(x);
            assertThat(y.shape()).isEqualTo(x.shape());
            assertThat(fieldsAsLargeAsInput(alone.layer())).isEmpty();
        }

        private List<String> fieldsAsLargeAsInput(Layer layer) {
            List<String> names = new ArrayList<>();
            for (Class<?> type = layer.getClass(); type != Object.class; type = type.getSuperclass()) {
                for (Field field : type.getDeclaredFields()) {
                    if (!Modifier.isStatic(field.getModifiers())
                            && !field.getName().equals("input")
                            && valueOf(field, layer) instanceof INDArray array
                            && array.length() >= x.length()) {
                        names.add(field.getName());
                    }
                }
            }
            return names;
        }

        private static Object valueOf(Field field, Layer layer) {
            try {
                field.setAccessible(true);
                return field.get(layer);
            } catch (IllegalAccessException e) {
                throw new AssertionError(e);
            }
        }
    }

    /** Transfer learning gives a convolution another number of channels and tells the next layer. */
    @Nested
    class ReplacedNOut {
        private static final int NEW_CHANNELS = 5;
        private static final int SIDE = 4;

        @Test
        void builtInFailsInAMultiLayerNetwork() {
            assertThatThrownBy(() ->
                            replaceInMultiLayerNetwork(new BatchNormalization()).output(images()))
                    .hasStackTraceContaining("does not match expected input size of " + NEW_CHANNELS
                            + " - got input array with shape [6, " + NEW_CHANNELS + ",");
        }

        @Test
        void builtInFailsInAComputationGraph() {
            assertThatThrownBy(() ->
                            replaceInComputationGraph(new BatchNormalization()).output(images()))
                    .hasStackTraceContaining("does not match expected input size of " + NEW_CHANNELS
                            + " - got input array with shape [6, " + NEW_CHANNELS + ",");
        }

        @Test
        void oursTrainsOnInAMultiLayerNetwork() {
            MultiLayerNetwork network = replaceInMultiLayerNetwork(new BatchNorm());
            assertTrains(network.getLayer(1), () -> network.fit(data()));
        }

        @Test
        void oursTrainsOnInAComputationGraph() {
            ComputationGraph network = replaceInComputationGraph(new BatchNorm());
            assertTrains(network.getLayer("normalization"), () -> network.fit(data()));
        }

        private static void assertTrains(Layer layer, Runnable step) {
            assertThat(layer.getParam("gamma").length()).isEqualTo(NEW_CHANNELS);
            step.run();
            for (String key : List.of("gamma", "beta", "mean", "var")) {
                double initial = key.equals("gamma") || key.equals("var") ? 1 : 0;
                assertThat(DoubleStream.of(layer.getParam(key).ravel().toDoubleVector()))
                        .as(key)
                        .allMatch(value -> Double.isFinite(value) && value != initial);
            }
        }

        private static MultiLayerNetwork replaceInMultiLayerNetwork(FeedForwardLayer normalization) {
            return Backend.withoutOneDnn(() -> {
                MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                        .updater(new Sgd(0.1))
                        .list()
                        .layer(convolution())
                        .layer(normalization)
                        .layer(new ActivationLayer(Activation.RELU))
                        .layer(new GlobalPoolingLayer(PoolingType.AVG))
                        .layer(output())
                        .setInputType(InputType.convolutional(SIDE, SIDE, 1))
                        .build());
                network.init();
                return new TransferLearning.Builder(network)
                        .nOutReplace(0, NEW_CHANNELS, WeightInit.XAVIER)
                        .nInReplace(4, NEW_CHANNELS, WeightInit.XAVIER)
                        .build();
            });
        }

        private static ComputationGraph replaceInComputationGraph(FeedForwardLayer normalization) {
            return Backend.withoutOneDnn(() -> {
                ComputationGraph network = new ComputationGraph(new NeuralNetConfiguration.Builder()
                        .updater(new Sgd(0.1))
                        .graphBuilder()
                        .addInputs("in")
                        .addLayer("convolution", convolution(), "in")
                        .addLayer("normalization", normalization, "convolution")
                        .addLayer("relu", new ActivationLayer(Activation.RELU), "normalization")
                        .addLayer("pool", new GlobalPoolingLayer(PoolingType.AVG), "relu")
                        .addLayer("out", output(), "pool")
                        .setOutputs("out")
                        .setInputTypes(InputType.convolutional(SIDE, SIDE, 1))
                        .build());
                network.init();
                return new TransferLearning.GraphBuilder(network)
                        .nOutReplace("convolution", NEW_CHANNELS, WeightInit.XAVIER)
                        .nInReplace("out", NEW_CHANNELS, WeightInit.XAVIER)
                        .build();
            });
        }

        private static ConvolutionLayer convolution() {
            return new ConvolutionLayer.Builder(3, 3)
                    .padding(1, 1)
                    .nOut(CHANNELS)
                    .activation(Activation.IDENTITY)
                    .build();
        }

        private static OutputLayer output() {
            return new OutputLayer.Builder(LossFunction.MCXENT)
                    .nOut(2)
                    .activation(Activation.SOFTMAX)
                    .build();
        }

        private static INDArray images() {
            return Nd4j.randn(DataType.FLOAT, 6, 1, SIDE, SIDE);
        }

        private static DataSet data() {
            return new DataSet(
                    images(),
                    Nd4j.createFromArray(1f, 0, 1, 0, 1, 0, 0, 1, 0, 1, 0, 1).reshape(6, 2));
        }
    }
}
