package org.bncnn.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.bncnn.model.Norm;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.preprocessor.ImagePreProcessingScaler;
import org.nd4j.linalg.factory.Nd4j;

/** Files made to harm who loads them. Where DL4J's own reader falls for one, that is shown too. */
class HostileModelFileTest {
    private static final Pattern RELU =
            Pattern.compile("\\{[^{}]*\"org.nd4j.linalg.activations.impl.ActivationReLU\"[^{}]*}");

    @TempDir
    private static Path folder;

    private static Map<String, byte[]> good;

    private final Map<String, byte[]> entries = new LinkedHashMap<>(good);
    private final Path file = folder.resolve("hostile.zip");

    @BeforeAll
    static void save() throws IOException {
        good = ModelFiles.saved(ModelFiles.model(Norm.BUILTIN), folder.resolve("model.zip"), true);
        good.remove(ModelArchive.MANIFEST);
    }

    @BeforeEach
    void setTheTrap() {
        Trap.sprung = false;
    }

    @Test
    void withoutHarmItLoads() throws IOException {
        ModelFiles.write(file, entries);
        assertThatCode(() -> ModelFile.load(file)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(strings = {"preprocessor.bin", "objects/labels"})
    void aSerializedObject(String name) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream objects = new ObjectOutputStream(bytes)) {
            objects.writeObject(new Trap.SerializedObject());
        }
        entries.put(name, bytes.toByteArray());
        assertRefused("is a serialized Java object");
    }

    @Test
    void dl4jRunsTheSerializedObject() throws IOException {
        aSerializedObject("preprocessor.bin");
        assertThatThrownBy(() -> ModelSerializer.restoreMultiLayerNetwork(file.toFile()))
                .isInstanceOf(Exception.class);
        assertThat(Trap.sprung).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"@class\":\"%s\"}",
                "[\"%s\",{}]",
                "{\"@class\":\"org.nd4j.linalg.activations.impl.ActivationCube\",\"x\":{\"type\":\"%s\"}}",
                "[\"org.nd4j.linalg.activations.impl.ActivationCube<%s>\",{}]"
            })
    void aClassThatIsNotOfDl4j(String json) throws IOException {
        activation(json.formatted(Trap.Activation.class.getName()));
        assertRefused("configuration.json: it names the class " + Trap.Activation.class.getName());
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"@class\":\"%s\"}", "[\"%s\",{}]"})
    void dl4jMakesAnObjectOfTheClass(String json) throws IOException {
        aClassThatIsNotOfDl4j(json);
        ModelSerializer.restoreMultiLayerNetwork(file.toFile());
        assertThat(Trap.sprung).isTrue();
    }

    @Test
    void aClassThatItsOwnerAllows() throws IOException {
        activation("{\"@class\":\"%s\"}".formatted(Trap.Activation.class.getName()));
        ModelFiles.write(file, entries);
        assertThatCode(() -> ModelFile.load(file, Trap.Activation.class)).doesNotThrowAnyException();
    }

    @Test
    void aClassThatIsNotThere() throws IOException {
        activation("{\"@class\":\"org.nd4j.linalg.activations.impl.None\"}");
        assertRefused("org.nd4j.linalg.activations.impl.None, which is not on the class path");
    }

    @Test
    void theSameFieldTwice() throws IOException {
        activation("{\"@class\":\"%s\",\"@class\":\"org.nd4j.linalg.activations.impl.ActivationCube\"}"
                .formatted(Trap.Activation.class.getName()));
        assertRefused("configuration.json: it is no JSON: Duplicate field '@class'");
    }

    @Test
    void aConfigurationAsDeepAsTheStack() throws IOException {
        configuration(json -> "[".repeat(100_000) + "]".repeat(100_000));
        assertRefused("configuration.json: it is no JSON: Document nesting depth (101) exceeds the maximum");
    }

    @Test
    void aNormalizerThatNamesItsReader() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeUTF("NORMALIZER");
        out.writeInt(1);
        out.writeUTF("CUSTOM");
        out.writeUTF(Trap.Strategy.class.getName());
        entries.put(ModelSerializer.NORMALIZER_BIN, bytes.toByteArray());
        assertRefused("normalizer.bin: a normalizer of type CUSTOM is not read");
    }

    @Test
    void dl4jMakesAnObjectOfTheReader() throws IOException {
        aNormalizerThatNamesItsReader();
        assertThat((Object) ModelSerializer.restoreNormalizerFromFile(file.toFile()))
                .isNull();
        assertThat(Trap.sprung).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"../../escaped.bin", "/etc/passwd", "coefficients.bin/", "Configuration.json", "evil.class"})
    void anEntryThatNoModelHas(String name) throws IOException {
        entries.put(name, new byte[1]);
        assertRefused("it holds the entry " + name + ", which no DL4J model has");
    }

    @Test
    void anEntryTwice() throws IOException {
        // Java's writer refuses to do it, so the second name is changed in the bytes.
        entries.put("coefficientz.bin", entries.get(ModelSerializer.COEFFICIENTS_BIN));
        ModelFiles.write(file, entries);
        String latin = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
        Files.write(file, latin.replace("coefficientz", "coefficients").getBytes(StandardCharsets.ISO_8859_1));
        assertLoadRefused("it holds the entry coefficients.bin twice");
    }

    @Test
    void aDirectoryThatTellsOfOtherEntries() throws IOException {
        ModelFiles.write(file, entries);
        byte[] bytes = Files.readAllBytes(file);
        String latin = new String(bytes, StandardCharsets.ISO_8859_1);
        int listed = latin.lastIndexOf(ModelSerializer.NORMALIZER_BIN);
        bytes[listed] = 'N';
        Files.write(file, bytes);
        assertLoadRefused("which its directory does not list");
    }

    @Test
    void anEntryThatOnlyTheDirectoryKnows() throws IOException {
        ModelFiles.write(file, entries);
        byte[] bytes = Files.readAllBytes(file);
        String latin = new String(bytes, StandardCharsets.ISO_8859_1);
        int header = latin.lastIndexOf("PK\003\004");
        bytes[header + 2] = 'x'; // who reads from the beginning stops here
        Files.write(file, bytes);
        assertLoadRefused("its directory lists other entries than it holds");
    }

    @Test
    void anotherChecksumInTheDirectory() throws IOException {
        ModelFiles.write(file, entries);
        byte[] bytes = Files.readAllBytes(file);
        String latin = new String(bytes, StandardCharsets.ISO_8859_1);
        bytes[latin.indexOf("PK\001\002") + 16]++;
        Files.write(file, bytes);
        assertLoadRefused("its entry configuration.json differs from its directory record");
    }

    @Test
    void aDirectoryOfManyEntries() throws IOException {
        for (int i = 0; i < 100; i++) {
            entries.put("entry" + i, new byte[0]);
        }
        assertRefused("its directory is not that of a model");
    }

    @ParameterizedTest
    @CsvSource({"coefficients.bin, 4096", "updaterState.bin, 200", "configuration.json, 10", "normalizer.bin, 100"})
    void aBomb(String name, int megabytes) throws IOException {
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
            zip.setLevel(Deflater.BEST_SPEED);
            zip.putNextEntry(new ZipEntry(name));
            byte[] zeros = new byte[1 << 20];
            for (int i = 0; i < megabytes; i++) {
                zip.write(zeros);
            }
        }
        assertThat(Files.size(file)).isLessThan(megabytes << 14);
        assertLoadRefused("its entry " + name + " ");
    }

    @Test
    void parametersThatAreNotNumbers() throws IOException {
        INDArray parameters = parameters();
        parameters.putScalar(17, Float.NaN);
        entries.put(ModelSerializer.COEFFICIENTS_BIN, ModelFiles.bytes(parameters));
        assertRefused("coefficients.bin: its value 17 is NaN");
    }

    @Test
    void tooFewParameters() throws IOException {
        INDArray parameters = parameters();
        entries.put(ModelSerializer.COEFFICIENTS_BIN, ModelFiles.bytes(Nd4j.ones(1, parameters.length() - 1)));
        assertRefused("parameters, coefficients.bin holds " + (parameters.length() - 1));
    }

    @Test
    void noParameters() throws IOException {
        entries.remove(ModelSerializer.COEFFICIENTS_BIN);
        assertRefused("parameters, coefficients.bin holds 0");
    }

    @Test
    void anUpdaterStateOfAnotherNetwork() throws IOException {
        entries.put(ModelSerializer.UPDATER_BIN, ModelFiles.bytes(Nd4j.ones(1, 3)));
        assertRefused("updaterState.bin holds 3");
    }

    @Test
    void aNormalizerOfNoNumbers() throws IOException {
        entries.put(
                ModelSerializer.NORMALIZER_BIN, NormalizerFormat.write(new ImagePreProcessingScaler(Double.NaN, 1)));
        assertRefused("normalizer.bin: one of its numbers is NaN");
    }

    @ParameterizedTest
    @ValueSource(longs = {Long.MAX_VALUE, 1L << 40, 50, -1})
    void anArrayThatDeclaresMoreThanItHas(long length) throws IOException {
        entries.put(ModelSerializer.COEFFICIENTS_BIN, array(new long[] {2, 1, length, length, 1, 0, 1, 'c'}, length));
        assertRefused("coefficients.bin: it declares " + length + " values");
    }

    @Test
    void anArrayWithStridesBeyondItsEnd() throws IOException {
        entries.put(ModelSerializer.COEFFICIENTS_BIN, array(new long[] {2, 2, 2, 1 << 30, 1 << 20, 0, 1, 'c'}, 4));
        assertRefused("coefficients.bin: its values do not lie side by side");
    }

    @Test
    void anArrayOfAnotherShapeThanItsLength() throws IOException {
        entries.put(
                ModelSerializer.COEFFICIENTS_BIN, array(new long[] {2, 1 << 20, 1 << 20, 1 << 20, 1, 0, 1, 'c'}, 4));
        assertRefused("coefficients.bin: its shape [1048576, 1048576] is not that of 4 values");
    }

    @Test
    void anArrayOfMoreValuesThanItsShape() throws IOException {
        entries.put(ModelSerializer.COEFFICIENTS_BIN, array(new long[] {2, 1, 2, 2, 1, 0, 1, 'c'}, 4));
        assertRefused("coefficients.bin: its shape [1, 2] is not that of 4 values");
    }

    @Test
    void somethingAfterAnArray() throws IOException {
        entries.computeIfPresent(
                ModelSerializer.COEFFICIENTS_BIN, (name, bytes) -> Arrays.copyOf(bytes, bytes.length + 1));
        assertRefused("coefficients.bin: something follows after its end");
    }

    @Test
    void aNameThatTakesOverTheTerminal() throws IOException {
        entries.put("\u001b[2Jcleared", new byte[1]);
        assertRefused("it holds the entry \\u001b[2Jcleared, which no DL4J model has");
    }

    private void activation(String json) {
        configuration(whole -> RELU.matcher(whole).replaceAll(Matcher.quoteReplacement(json)));
    }

    private void configuration(UnaryOperator<String> change) {
        String before = ModelFiles.configuration(entries);
        String after = change.apply(before);
        assertThat(after).isNotEqualTo(before);
        ModelFiles.putConfiguration(entries, after);
    }

    private static INDArray parameters() throws IOException {
        Path model = folder.resolve("model.zip");
        return ModelFile.load(model).network().params().dup();
    }

    private static byte[] array(long[] shapeInformation, long length) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeUTF("MIXED_DATA_TYPES");
        out.writeLong(shapeInformation.length);
        out.writeUTF("LONG");
        for (long number : shapeInformation) {
            out.writeLong(number);
        }
        out.writeUTF("MIXED_DATA_TYPES");
        out.writeLong(length);
        out.writeUTF("FLOAT");
        for (int i = 0; i < 4; i++) {
            out.writeFloat(1);
        }
        return bytes.toByteArray();
    }

    private void assertRefused(String complaint) throws IOException {
        ModelFiles.write(file, entries);
        assertLoadRefused(complaint);
    }

    private void assertLoadRefused(String complaint) {
        ModelFiles.assertRefused(file, complaint);
        assertThat(Trap.sprung).isFalse();
    }
}
