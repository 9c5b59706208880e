package org.bncnn.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.BackpropType;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.CnnLossLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.transferlearning.TransferLearning;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import org.slf4j.LoggerFactory;

/** A network that cannot be compiled runs as DL4J runs it, and the log tells why, once. */
class FallbackTest {
    private final Logger logger = (Logger) LoggerFactory.getLogger("org.bncnn.engine");
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();

    @BeforeEach
    void listen() {
        logger.setLevel(Level.INFO);
        logger.setAdditive(false);
        logger.addAppender(log);
        log.start();
    }

    @AfterEach
    void listenNoMore() {
        System.clearProperty(Engine.PROPERTY);
        logger.detachAppender(log);
        logger.setAdditive(true);
        logger.setLevel(null);
    }

    private static Stream<Arguments> networks() {
        MultiLayerNetwork cnn = Networks.random(Networks.cnn(new Sgd(0.1)));
        MultiLayerNetwork frozen =
                new TransferLearning.Builder(cnn).setFeatureExtractor(1).build();
        MultiLayerConfiguration frozenWithBackprop = Networks.classifier(
                InputType.feedForward(4),
                new DenseLayer.Builder().nOut(5).build(),
                new FrozenLayerWithBackprop(new DenseLayer.Builder().nOut(5).build()));
        MultiLayerConfiguration images = Networks.global()
                .list()
                .layer(new ConvolutionLayer.Builder(1, 1).nOut(Networks.CLASSES).build())
                .layer(new CnnLossLayer.Builder(LossFunction.MSE)
                        .activation(Activation.IDENTITY)
                        .build())
                .setInputType(InputType.convolutional(6, 6, 2))
                .build();
        DataSet toImages = new DataSet(Networks.normal(1, 2, 2, 6, 6), Networks.normal(2, 2, Networks.CLASSES, 6, 6));
        DataSet sequences = new DataSet(Networks.normal(1, 2, 4, 5), Networks.normal(2, 2, 2, 5));
        return Stream.of(
                Arguments.of("it is frozen", frozen, Networks.cnnBatch(4)),
                Arguments.of("it is frozen", Networks.random(frozenWithBackprop), Networks.batch(3, 4)),
                Arguments.of("oneDNN has no plan for such an output layer", Networks.random(images), toImages),
                Arguments.of("DOUBLE", cnn.convertDataType(DataType.DOUBLE), Networks.cnnBatch(4)),
                Arguments.of(null, Networks.random(recurrent(BackpropType.Standard)), sequences),
                Arguments.of(null, Networks.random(recurrent(BackpropType.TruncatedBPTT)), sequences));
    }

    private static MultiLayerConfiguration recurrent(BackpropType type) {
        return Networks.global()
                .list()
                .layer(new LSTM.Builder().nOut(3).activation(Activation.TANH).build())
                .layer(new RnnOutputLayer.Builder(LossFunction.MSE)
                        .nOut(2)
                        .activation(Activation.IDENTITY)
                        .build())
                .setInputType(InputType.recurrent(4))
                .backpropType(type)
                .tBPTTLength(2)
                .build();
    }

    @ParameterizedTest
    @MethodSource("networks")
    void runsAsDl4jRunsItAndIsToldOnce(String reason, MultiLayerNetwork dl4j, DataSet batch) {
        OneDnnNetwork plan = OneDnnNetwork.accelerate(dl4j);
        for (int i = 0; i < 3; i++) {
            dl4j.fit(batch);
            plan.fit(batch);
            assertThat(plan.score()).isEqualTo(dl4j.score());
        }
        assertThat(plan.params()).isEqualTo(dl4j.params());
        Parity.assertClose("output", plan.output(batch.getFeatures()), dl4j.output(batch.getFeatures()), 0);
        if (reason == null) { // input of a rank that is never compiled
            assertThat(log.list).isEmpty();
        } else {
            assertThat(log.list)
                    .singleElement()
                    .satisfies(event -> assertThat(event.getLevel()).isEqualTo(Level.INFO))
                    .satisfies(event -> assertThat(event.getFormattedMessage())
                            .startsWith("DL4J's own layers run the network, not oneDNN: ")
                            .contains(reason));
        }
        long[] shape = batch.getFeatures().shape();
        assertThatIllegalStateException()
                .isThrownBy(() -> plan.explain(true, shape))
                .withMessageContaining(reason == null ? "" : reason);
    }

    @Test
    void theSwitchKeepsDl4j() {
        System.setProperty(Engine.PROPERTY, "DL4J");
        MultiLayerNetwork dl4j = Networks.random(Networks.cnn(new Sgd(0.1)));
        OneDnnNetwork plan = OneDnnNetwork.accelerate(dl4j);
        DataSet batch = Networks.cnnBatch(4);
        dl4j.fit(batch);
        plan.fit(batch);
        assertThat(plan.params()).isEqualTo(dl4j.params());
        assertThat(plan.output(batch.getFeatures())).isEqualTo(dl4j.output(batch.getFeatures()));
        assertThat(log.list)
                .singleElement()
                .satisfies(event -> assertThat(event.getFormattedMessage())
                        .contains("switched off by the system property bncnn.engine"));
        assertThatThrownBy(() -> plan.explain(true, 4, 1, 6, 6)).hasMessageContaining("switched off");

        System.setProperty(Engine.PROPERTY, "onednn");
        assertThat(plan.explain(true, 4, 1, 6, 6)).hasSize(5);
    }

    @Test
    void whatCanBeCompiledIsNotTold() {
        OneDnnNetwork plan = OneDnnNetwork.accelerate(Networks.random(Networks.cnn(new Sgd(0.1))));
        plan.fit(Networks.cnnBatch(4));
        plan.output(Networks.cnnBatch(3).getFeatures());
        assertThat(log.list).isEmpty();
    }
}
