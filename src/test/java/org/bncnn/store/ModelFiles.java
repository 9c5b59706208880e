package org.bncnn.store;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.apache.commons.codec.digest.DigestUtils;
import org.bncnn.model.Norm;
import org.bncnn.model.Recipe;
import org.bncnn.model.ReferenceCnn;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeConvolutional;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/** Model files to try things with: a small one that is as it should be, and its entries to make others of. */
final class ModelFiles {
    static final int CLASSES = 4;

    private ModelFiles() {}

    static INDArray images() {
        Random random = new Random(7);
        INDArray images = Nd4j.create(CLASSES, 1, 16, 16);
        for (long i = 0; i < images.length(); i++) {
            images.putScalar(i, 2 * random.nextFloat() - 1);
        }
        return images;
    }

    /** {@return a network that was trained for a step} */
    static MultiLayerNetwork network(Norm norm) {
        MultiLayerNetwork network = ReferenceCnn.initialise(ReferenceCnn.configuration(
                norm, (InputTypeConvolutional) InputType.convolutional(16, 16, 1), CLASSES, Recipe.REFERENCE));
        network.fit(new DataSet(images(), Nd4j.eye(CLASSES)));
        return network;
    }

    static ModelFile model(Norm norm) {
        return new ModelFile(
                network(norm),
                ReferenceCnn.normalizer(),
                new ModelDescription(
                        List.of("a", "b", "c", "d"),
                        List.of(1, 16, 16),
                        null,
                        JsonFile.tree(Map.of("dataset", "random")),
                        null,
                        null));
    }

    /** {@return the entries of a model that is saved} */
    static Map<String, byte[]> saved(ModelFile model, Path file, boolean updaterState) throws IOException {
        model.save(file, updaterState);
        return entries(Files.readAllBytes(file));
    }

    /** {@return the entries of a file, in their order} */
    static Map<String, byte[]> entries(byte[] file) {
        Map<String, byte[]> entries = new LinkedHashMap<>();
        try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(file))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                entries.put(entry.getName(), zip.readAllBytes());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return entries;
    }

    /** {@return a file as DL4J would write it}: without our entry, which has checksums of the others */
    static Map<String, byte[]> entriesWithoutManifest(Path file) throws IOException {
        Map<String, byte[]> entries = entries(Files.readAllBytes(file));
        entries.remove(ModelArchive.MANIFEST);
        return entries;
    }

    /** Adds our entry, as it is where nobody changed the others. */
    static void addManifest(Map<String, byte[]> entries, ModelDescription description) throws IOException {
        entries.remove(ModelArchive.MANIFEST);
        Map<String, String> sha256 = new TreeMap<>();
        entries.forEach((name, content) -> sha256.put(name, DigestUtils.sha256Hex(content)));
        entries.put(ModelArchive.MANIFEST, JsonFile.bytes(new ModelArchive.Manifest(description, sha256)));
    }

    static Path write(Path file, Map<String, byte[]> entries) throws IOException {
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
            for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
                zip.putNextEntry(new ZipEntry(entry.getKey()));
                zip.write(entry.getValue());
            }
        }
        return file;
    }

    /** {@return the configuration among the entries of a file} */
    static String configuration(Map<String, byte[]> entries) {
        return new String(entries.get(ModelSerializer.CONFIGURATION_JSON), StandardCharsets.UTF_8);
    }

    static void putConfiguration(Map<String, byte[]> entries, String json) {
        entries.put(ModelSerializer.CONFIGURATION_JSON, json.getBytes(StandardCharsets.UTF_8));
    }

    /** Loads a file, which is to be refused in one line. */
    static void assertRefused(Path file, String complaint) {
        assertThatThrownBy(() -> ModelFile.load(file))
                .isInstanceOf(ModelFileException.class)
                .hasMessageStartingWith(file + ": is refused as a model: ")
                .hasMessageContaining(complaint)
                .message()
                .doesNotContain("\n");
    }

    static byte[] bytes(INDArray array) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ArrayFormat.write(array, new DataOutputStream(bytes));
        return bytes.toByteArray();
    }
}
