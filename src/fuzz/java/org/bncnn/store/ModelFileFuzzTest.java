package org.bncnn.store;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.BeforeAll;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.dataset.api.preprocessor.ImagePreProcessingScaler;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Whatever is in a model file, it is read or refused with a {@link ModelFileException}: no other exception, no sanitizer's finding, such as
 * a class that is loaded by name or an object that is deserialized, and no crash.
 *
 * <p>{@code mvn -Pfuzz test} searches for half a minute, by coverage. A finding is kept as an input that every later run begins with.
 */
class ModelFileFuzzTest {
    private static final List<String> NAMES = List.of(
            ModelSerializer.CONFIGURATION_JSON,
            ModelSerializer.COEFFICIENTS_BIN,
            ModelSerializer.UPDATER_BIN,
            ModelSerializer.NORMALIZER_BIN,
            ModelArchive.MANIFEST);

    private static final Map<String, byte[]> GOOD = new LinkedHashMap<>();
    private static Path file;

    @BeforeAll
    static void makeEntries() throws IOException {
        MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .list()
                .layer(new OutputLayer.Builder()
                        .nIn(3)
                        .nOut(2)
                        .activation(Activation.SOFTMAX)
                        .build())
                .build());
        network.init();
        ByteArrayOutputStream parameters = new ByteArrayOutputStream();
        ArrayFormat.write(network.params(), new DataOutputStream(parameters));
        ByteArrayOutputStream state = new ByteArrayOutputStream();
        ArrayFormat.write(Nd4j.ones(1, 8), new DataOutputStream(state));
        GOOD.put(NAMES.get(0), ConfigurationFormat.write(network.getLayerWiseConfigurations()));
        GOOD.put(NAMES.get(1), parameters.toByteArray());
        GOOD.put(NAMES.get(2), state.toByteArray());
        GOOD.put(NAMES.get(3), NormalizerFormat.write(new ImagePreProcessingScaler(-1, 1)));
        file = Files.createTempFile("fuzz", ".zip");
        file.toFile().deleteOnExit();
    }

    /** The zip as it comes, which the checksums keep most inputs out of, or with one entry of a good one changed. */
    @FuzzTest(maxDuration = "30s")
    void isReadOrRefused(FuzzedDataProvider data) throws IOException {
        int entry = data.consumeInt(0, NAMES.size());
        if (entry == NAMES.size()) {
            Files.write(file, data.consumeRemainingAsBytes());
        } else {
            Map<String, byte[]> entries = new LinkedHashMap<>(GOOD);
            entries.put(NAMES.get(entry), changed(entries.getOrDefault(NAMES.get(entry), new byte[0]), data));
            try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
                for (Map.Entry<String, byte[]> each : entries.entrySet()) {
                    zip.putNextEntry(new ZipEntry(each.getKey()));
                    zip.write(each.getValue());
                }
            }
        }
        try {
            ModelFile.load(file);
        } catch (ModelFileException refused) {
            // as it should be
        }
    }

    /** {@return content with a stretch of it replaced}, anywhere from none to all */
    private static byte[] changed(byte[] content, FuzzedDataProvider data) {
        int from = data.consumeInt(0, content.length);
        int to = data.consumeInt(from, content.length);
        byte[] inserted = data.consumeRemainingAsBytes();
        byte[] changed = new byte[from + inserted.length + content.length - to];
        System.arraycopy(content, 0, changed, 0, from);
        System.arraycopy(inserted, 0, changed, from, inserted.length);
        System.arraycopy(content, to, changed, from + inserted.length, content.length - to);
        return changed;
    }
}
