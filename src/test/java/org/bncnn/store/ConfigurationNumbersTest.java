package org.bncnn.store;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.Stream;
import org.bncnn.norm.BatchNorm;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.constraint.MaxNormConstraint;
import org.deeplearning4j.nn.conf.dropout.AlphaDropout;
import org.deeplearning4j.nn.conf.dropout.Dropout;
import org.deeplearning4j.nn.conf.dropout.GaussianDropout;
import org.deeplearning4j.nn.conf.dropout.GaussianNoise;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.AutoEncoder;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.CapsuleLayer;
import org.deeplearning4j.nn.conf.layers.CapsuleStrengthLayer;
import org.deeplearning4j.nn.conf.layers.CenterLossOutputLayer;
import org.deeplearning4j.nn.conf.layers.Cnn3DLossLayer;
import org.deeplearning4j.nn.conf.layers.CnnLossLayer;
import org.deeplearning4j.nn.conf.layers.Convolution1D;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.deeplearning4j.nn.conf.layers.Convolution3D;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Deconvolution2D;
import org.deeplearning4j.nn.conf.layers.Deconvolution3D;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.EmbeddingLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingSequenceLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LearnedSelfAttentionLayer;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.deeplearning4j.nn.conf.layers.LocallyConnected2D;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PReLULayer;
import org.deeplearning4j.nn.conf.layers.PrimaryCapsules;
import org.deeplearning4j.nn.conf.layers.RecurrentAttentionLayer;
import org.deeplearning4j.nn.conf.layers.RnnLossLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.SelfAttentionLayer;
import org.deeplearning4j.nn.conf.layers.SeparableConvolution2D;
import org.deeplearning4j.nn.conf.layers.SpaceToBatchLayer;
import org.deeplearning4j.nn.conf.layers.Subsampling1DLayer;
import org.deeplearning4j.nn.conf.layers.Subsampling3DLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.Upsampling1D;
import org.deeplearning4j.nn.conf.layers.Upsampling2D;
import org.deeplearning4j.nn.conf.layers.Upsampling3D;
import org.deeplearning4j.nn.conf.layers.ZeroPadding1DLayer;
import org.deeplearning4j.nn.conf.layers.ZeroPadding3DLayer;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping1D;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping2D;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping3D;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.misc.RepeatVector;
import org.deeplearning4j.nn.conf.layers.objdetect.Yolo2OutputLayer;
import org.deeplearning4j.nn.conf.layers.recurrent.Bidirectional;
import org.deeplearning4j.nn.conf.layers.recurrent.LastTimeStep;
import org.deeplearning4j.nn.conf.layers.recurrent.SimpleRnn;
import org.deeplearning4j.nn.conf.layers.util.MaskZeroLayer;
import org.deeplearning4j.nn.conf.layers.variational.VariationalAutoencoder;
import org.deeplearning4j.nn.conf.weightnoise.DropConnect;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.AMSGrad;
import org.nd4j.linalg.learning.config.AdaDelta;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.NoOp;
import org.nd4j.linalg.schedule.ExponentialSchedule;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.linalg.schedule.ScheduleType;

/** What DL4J's builders make passes: a range that is too narrow would refuse good models. */
class ConfigurationNumbersTest {
    private static final ISchedule SCHEDULE = new ExponentialSchedule(ScheduleType.EPOCH, 0.5, 0.9);

    static Stream<Layer> layers() {
        return Stream.of(
                new ConvolutionLayer.Builder(3, 3).nIn(1).nOut(2).build(),
                new Convolution1DLayer.Builder(3).nIn(1).nOut(2).build(),
                new Convolution1D.Builder(3).nIn(1).nOut(2).build(),
                new Convolution3D.Builder(2, 2, 2).nIn(1).nOut(2).build(),
                new Deconvolution2D.Builder(2, 2).nIn(1).nOut(2).build(),
                new Deconvolution3D.Builder().kernelSize(2, 2, 2).nIn(1).nOut(2).build(),
                new SeparableConvolution2D.Builder(2, 2).nIn(1).nOut(2).build(),
                new DepthwiseConvolution2D.Builder(2, 2).nIn(1).nOut(2).build(),
                new SubsamplingLayer.Builder().build(),
                new Subsampling1DLayer.Builder().build(),
                new Subsampling3DLayer.Builder().build(),
                new Upsampling1D.Builder(2).build(),
                new Upsampling2D.Builder(2).build(),
                new Upsampling3D.Builder(2).build(),
                new ZeroPadding1DLayer.Builder(1).build(),
                new ZeroPaddingLayer.Builder(1, 1).build(),
                new ZeroPadding3DLayer.Builder(1, 1, 1).build(),
                new Cropping1D.Builder(1).build(),
                new Cropping2D.Builder(1, 1).build(),
                new Cropping3D.Builder(1, 1, 1).build(),
                new SpaceToBatchLayer.Builder<>(new int[] {2, 2}).build(),
                new LocalResponseNormalization.Builder().build(),
                new GlobalPoolingLayer(),
                new PReLULayer.Builder().inputShape(2, 2).build(),
                new DenseLayer.Builder().nIn(1).nOut(2).build(),
                new EmbeddingLayer.Builder().nIn(1).nOut(2).build(),
                new EmbeddingSequenceLayer.Builder().nIn(1).nOut(2).build(),
                new AutoEncoder.Builder().nIn(1).nOut(2).build(),
                new VariationalAutoencoder.Builder().nIn(1).nOut(2).build(),
                new LSTM.Builder().nIn(1).nOut(2).build(),
                new SimpleRnn.Builder().nIn(1).nOut(2).build(),
                new Bidirectional(new LSTM.Builder().nIn(1).nOut(2).build()),
                new LastTimeStep(new LSTM.Builder().nIn(1).nOut(2).build()),
                new MaskZeroLayer(new LSTM.Builder().nIn(1).nOut(2).build(), -1),
                new FrozenLayer(new DenseLayer.Builder().nIn(1).nOut(2).build()),
                new SelfAttentionLayer.Builder()
                        .nIn(2)
                        .nOut(2)
                        .nHeads(1)
                        .projectInput(false)
                        .build(),
                new LearnedSelfAttentionLayer.Builder()
                        .nIn(2)
                        .nOut(2)
                        .nQueries(2)
                        .nHeads(1)
                        .projectInput(false)
                        .build(),
                new RecurrentAttentionLayer.Builder().nIn(2).nOut(2).nHeads(1).build(),
                new PrimaryCapsules.Builder(2, 2).kernelSize(2, 2).build(),
                new CapsuleLayer.Builder(2, 2).build(),
                new CapsuleStrengthLayer.Builder().build(),
                new RepeatVector.Builder<>(2).build(),
                new BatchNormalization(),
                new BatchNorm(),
                new OutputLayer.Builder().nIn(1).nOut(2).build(),
                new LossLayer.Builder().build(),
                new CnnLossLayer.Builder().build(),
                new Cnn3DLossLayer.Builder(Convolution3D.DataFormat.NCDHW).build(),
                new RnnLossLayer.Builder().build(),
                new RnnOutputLayer.Builder().nIn(1).nOut(2).build(),
                new CenterLossOutputLayer.Builder().nIn(1).nOut(2).build(),
                new Yolo2OutputLayer.Builder()
                        .boundingBoxPriors(Nd4j.ones(2, 2))
                        .build());
    }

    @ParameterizedTest
    @MethodSource("layers")
    void aLayerAsItIsBuilt(Layer layer) {
        assertPasses(new NeuralNetConfiguration.Builder(), layer);
    }

    static Stream<IUpdater> updaters() {
        return Stream.of(
                new Nesterovs(SCHEDULE, SCHEDULE),
                new Nesterovs(),
                new Adam(SCHEDULE),
                new AMSGrad(),
                new AdaDelta(),
                new NoOp());
    }

    @ParameterizedTest
    @MethodSource("updaters")
    void anUpdater(IUpdater updater) {
        assertPasses(new NeuralNetConfiguration.Builder().updater(updater), dense());
    }

    static Stream<NeuralNetConfiguration.Builder> settings() {
        return Stream.of(
                new NeuralNetConfiguration.Builder().dropOut(new Dropout(SCHEDULE)),
                new NeuralNetConfiguration.Builder().dropOut(new AlphaDropout(0.5)),
                new NeuralNetConfiguration.Builder().dropOut(new GaussianDropout(0.5)),
                new NeuralNetConfiguration.Builder().dropOut(new GaussianNoise(SCHEDULE)),
                new NeuralNetConfiguration.Builder().weightNoise(new DropConnect(SCHEDULE)),
                new NeuralNetConfiguration.Builder().constrainAllParameters(new MaxNormConstraint(1, 0)),
                new NeuralNetConfiguration.Builder().seed(-1).l1(0.1).l2(0.1).weightDecay(0.1));
    }

    @ParameterizedTest
    @MethodSource("settings")
    void aSettingForAllLayers(NeuralNetConfiguration.Builder builder) {
        assertPasses(builder, dense());
    }

    /** DL4J builds a graph of several nodes for each position, which takes 20 seconds for an image of 64×64. */
    @Test
    void manyPositionsOfALocallyConnectedLayer() {
        var list = new NeuralNetConfiguration.Builder()
                .list(
                        new LocallyConnected2D.Builder()
                                .kernelSize(1, 1)
                                .nOut(1)
                                .build(),
                        new OutputLayer.Builder().nOut(2).build())
                .setInputType(InputType.convolutional(33, 32, 1));
        assertThatThrownBy(() -> ConfigurationNumbers.check(list.build()))
                .hasMessage(
                        "layer 0 (layer0, LocallyConnected2D): it is locally connected at more than 1024 positions");
    }

    private static Layer dense() {
        return new DenseLayer.Builder().nIn(1).nOut(2).build();
    }

    private static void assertPasses(NeuralNetConfiguration.Builder builder, Layer layer) {
        var list = builder.list(layer);
        list.validateOutputLayerConfig(false);
        assertThatCode(() -> ConfigurationNumbers.check(list.build())).doesNotThrowAnyException();
    }
}
