package org.bncnn.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.slf4j.LoggerFactory;

/**
 * Files of DL4J before 1.0.0-beta, each written by the version that it is named after (see {@code make_models} beside
 * them).
 */
class LegacyModelFileTest {
    private static final Path FILES = Path.of("src/test/resources/org/bncnn/store/legacy");

    @TempDir
    private Path folder;

    private Path file;

    @BeforeEach
    void setTheTrap() {
        file = folder.resolve("model.zip");
        Trap.sprung = false;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0.5.0-cnn",
                "0.6.0-cnn",
                "0.7.2-cnn",
                "0.7.2-norm",
                "0.9.1-cnn",
                "0.9.1-norm",
                "1.0.0-alpha-cnn",
                "1.0.0-alpha-norm"
            })
    void isReadAsDl4jReadsIt(String name) throws IOException {
        assertReadAsDl4jReadsIt(FILES.resolve(name + ".zip"));
    }

    private static MultiLayerNetwork assertReadAsDl4jReadsIt(Path model) throws IOException {
        MultiLayerNetwork expected = MultiLayerNetwork.load(model.toFile(), true);
        MultiLayerNetwork network = ModelFile.load(model).network();
        assertThat(network.getLayerWiseConfigurations()).isEqualTo(expected.getLayerWiseConfigurations());
        assertThat(network.params()).isEqualTo(expected.params());
        assertThat(network.getUpdater().getStateViewArray())
                .isEqualTo(expected.getUpdater().getStateViewArray());
        INDArray features = Nd4j.rand(DataType.FLOAT, 2, 64);
        INDArray labels = Nd4j.create(new float[][] {{1, 0, 0}, {0, 0, 1}});
        assertThat(network.output(features)).isEqualTo(expected.output(features));
        for (MultiLayerNetwork each : new MultiLayerNetwork[] {network, expected}) {
            Nd4j.getRandom().setSeed(1); // for dropout
            each.fit(features, labels);
        }
        // As arrays, where NaN equals NaN: what M2.1 reads of 0.7.2's Adam, with an epsilon of 0, leads there.
        assertThat(network.params().toDoubleVector())
                .isEqualTo(expected.params().toDoubleVector());
        return network;
    }

    @Test
    void theTypeOfTheParametersIsThatOfTheNetwork() throws IOException {
        Map<String, byte[]> entries = entries("0.9.1-cnn");
        INDArray parameters =
                ModelFile.load(FILES.resolve("0.9.1-cnn.zip")).network().params();
        entries.put(ModelSerializer.COEFFICIENTS_BIN, ModelFiles.bytes(parameters.castTo(DataType.DOUBLE)));
        entries.remove(ModelSerializer.UPDATER_BIN);
        ModelFiles.write(file, entries);
        assertThat(assertReadAsDl4jReadsIt(file).params().dataType()).isEqualTo(DataType.DOUBLE);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0.5.0-norm | configuration.json: layer 2 has its activation function in a form that this version of DL4J does not read",
                "0.6.0-norm | configuration.json: layer 2 has its activation function in a form that this version of DL4J does not read",
            })
    void whatDl4jCannotRunIsRefusedWithTheReason(String name, String reason) {
        Path model = FILES.resolve(name + ".zip");
        assertThatThrownBy(() -> MultiLayerNetwork.load(model.toFile(), true).output(Nd4j.ones(2, 64)))
                .isInstanceOf(RuntimeException.class);
        assertThatThrownBy(() -> ModelFile.load(model))
                .isInstanceOf(ModelFileException.class)
                .hasMessage(model + ": is refused as a model: " + reason);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"dense\" : {          | \"RBM\" : {             | layer 3 is of the type RBM, which this version of DL4J cannot read"
                        + " from a file written before 1.0.0-beta",
                "\"cnnToFeedForward\"   | \"cnnToPixels\"         | the preprocessor of layer 3 is of the type cnnToPixels, which this"
                        + " version of DL4J cannot read from a file written before 1.0.0-beta",
                "\"dense\" : {          | \"more\":1, \"dense\" : {  | layer 3 names no type",
                "\"layer\" : {          | \"level\" : {           | layer 0 names no type",
            })
    void aTypeThatIsNotKnownIsNamed(String text, String other, String reason) throws IOException {
        assertRefused(replaced(text, other), "configuration.json: " + reason);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"@class\":\"%s\"}", "[\"%s\",{}]"})
    void aClassThatIsNotOfDl4jIsRefused(String json) throws IOException {
        String trap = Trap.Activation.class.getName();
        assertRefused(
                replaced("\"activationFn\" : {", "\"activationFn\" : " + json.formatted(trap) + ", \"other\" : {"),
                "configuration.json: it names the class " + trap);
    }

    @Test
    void aClassInThePlaceOfANameIsNotMade() throws IOException {
        assertRefused(replaced("\"ReLU\"", "\"" + Trap.Activation.class.getName() + "\""), "configuration.json: ");
    }

    @Test
    void parametersThatAreNotFiniteAreRefused() throws IOException {
        Map<String, byte[]> entries = entries("0.9.1-cnn");
        byte[] parameters = entries.get(ModelSerializer.COEFFICIENTS_BIN);
        parameters[parameters.length - 4] = 0x7f;
        parameters[parameters.length - 3] = (byte) 0xc0;
        assertRefused(entries, "coefficients.bin: its value ", " is NaN");
    }

    /** DL4J 0.4 wrote such files. */
    @Test
    void aSerializedUpdaterIsLeftOutAndToldOnce() throws IOException {
        Map<String, byte[]> entries = entries("0.9.1-cnn");
        entries.remove(ModelSerializer.UPDATER_BIN);
        entries.put("updater.bin", trap());
        ModelFiles.write(file, entries);
        Logger logger = (Logger) LoggerFactory.getLogger(ModelReader.class);
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        logger.setLevel(Level.INFO);
        logger.setAdditive(false);
        logger.addAppender(log);
        log.start();
        try {
            assertReadAsDl4jReadsIt(file);
        } finally {
            logger.detachAppender(log);
            logger.setAdditive(true);
            logger.setLevel(null);
        }
        assertThat(Trap.sprung).isFalse();
        assertThat(log.list)
                .singleElement()
                .extracting(ILoggingEvent::getFormattedMessage)
                .isEqualTo(
                        file + ": the state of its updater, updater.bin, is a serialized Java object and is left out;"
                                + " further training starts with a fresh updater");
        assertThat(ModelInspection.of(file).isSafe()).isTrue();
    }

    @Test
    void aSerializedPreprocessorIsRefused() throws IOException {
        Map<String, byte[]> entries = entries("0.9.1-cnn");
        entries.put("preprocessor.bin", trap());
        assertRefused(entries, "its entry preprocessor.bin is a serialized Java object");
    }

    private static byte[] trap() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream objects = new ObjectOutputStream(bytes)) {
            objects.writeObject(new Trap.SerializedObject());
        }
        return bytes.toByteArray();
    }

    private static Map<String, byte[]> entries(String name) throws IOException {
        return ModelFiles.entriesWithoutManifest(FILES.resolve(name + ".zip"));
    }

    /** {@return the entries of a model, whose configuration has another text at one place} */
    private static Map<String, byte[]> replaced(String text, String other) throws IOException {
        Map<String, byte[]> entries = entries("0.9.1-cnn");
        String json = new String(entries.get(ModelSerializer.CONFIGURATION_JSON), StandardCharsets.UTF_8);
        int place = json.indexOf(text);
        assertThat(place).as(text + " in " + json).isPositive();
        entries.put(
                ModelSerializer.CONFIGURATION_JSON,
                (json.substring(0, place) + other + json.substring(place + text.length()))
                        .getBytes(StandardCharsets.UTF_8));
        return entries;
    }

    private void assertRefused(Map<String, byte[]> entries, String... reason) throws IOException {
        ModelFiles.write(file, entries);
        assertThatThrownBy(() -> ModelFile.load(file))
                .isInstanceOf(ModelFileException.class)
                .hasMessageContainingAll(reason);
        assertThat(Trap.sprung).isFalse();
    }
}
