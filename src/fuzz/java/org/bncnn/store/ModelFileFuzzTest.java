package org.bncnn.store;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.apache.commons.codec.digest.DigestUtils;
import org.bncnn.engine.OneDnnNetwork;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.BeforeAll;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.preprocessor.ImagePreProcessingScaler;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Whatever is in a model file, it is read or refused with a {@link ModelFileException}: no other exception, no
 * sanitizer's finding, such as a class that is loaded by name or an object that is deserialized, and no crash. Networks
 * of images that are read also run.
 *
 * <p>{@code mvn -Pfuzz test} searches for half a minute, by coverage. A finding is kept as an input that every later
 * run begins with.
 */
public class ModelFileFuzzTest {
    private static final List<String> NAMES = List.of(
            ModelSerializer.CONFIGURATION_JSON,
            ModelSerializer.COEFFICIENTS_BIN,
            ModelSerializer.UPDATER_BIN,
            ModelSerializer.NORMALIZER_BIN,
            ModelArchive.MANIFEST);

    private static final double[] SCALES = {1, 0, 1e-20, 1e10, 1e20, 3e38};

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
        int entry = data.consumeInt(0, NAMES.size() + 1);
        if (entry == NAMES.size() + 1) {
            isTriedOrRefused(FuzzedConfiguration.of(data), data);
        } else if (entry == NAMES.size()) {
            Files.write(file, data.consumeRemainingAsBytes());
            load();
        } else {
            Map<String, byte[]> entries = new LinkedHashMap<>(GOOD);
            entries.put(NAMES.get(entry), changed(entries.getOrDefault(NAMES.get(entry), new byte[0]), data));
            write(entries);
            load();
        }
    }

    /** A network of images that is called safe runs, and the engine's output is NaN where DL4J's is. */
    private static void isTriedOrRefused(byte[] configuration, FuzzedDataProvider data) throws IOException {
        Map<String, byte[]> entries = new LinkedHashMap<>();
        entries.put(ModelSerializer.CONFIGURATION_JSON, configuration);
        entries.put(ModelSerializer.COEFFICIENTS_BIN, parameters(configuration, data));
        entries.put(ModelArchive.MANIFEST, manifest(configuration, entries));
        write(entries);
        Optional<ModelFile> model = load();
        if (model.isPresent()) {
            MultiLayerNetwork network = model.get().network();
            DataType type = network.getLayerWiseConfigurations().getDataType();
            INDArray features = Nd4j.linspace(-1, 1, FuzzedConfiguration.SIDE * FuzzedConfiguration.SIDE)
                    .reshape(1, 1, FuzzedConfiguration.SIDE, FuzzedConfiguration.SIDE)
                    .castTo(type);
            List<Boolean> expected = nan(network.output(features));
            OneDnnNetwork engine = OneDnnNetwork.accelerate(network);
            if (!nan(engine.output(features)).equals(expected)) {
                throw new AssertionError("the engine hides NaN or makes it");
            }
            engine.close();
        }
    }

    private static List<Boolean> nan(INDArray values) {
        double[] doubles = values.castTo(DataType.DOUBLE).dup('c').data().asDouble();
        return Arrays.stream(doubles).mapToObj(Double::isNaN).toList();
    }

    /** {@return as many parameters as a configuration has}, if it says so */
    private static byte[] parameters(byte[] configuration, FuzzedDataProvider data) throws IOException {
        long count = 1;
        try {
            count = ConfigurationFormat.read(configuration, Set.of()).getConfs().stream()
                    .mapToLong(conf -> conf.getLayer().initializer().numParams(conf))
                    .sum();
        } catch (IOException | RuntimeException e) {
            // it will be refused
        }
        INDArray parameters =
                Nd4j.linspace(-1, 1, count < 1 || count > 100_000 ? 1 : count).muli(data.pickValue(SCALES));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ArrayFormat.write(parameters.castTo(DataType.FLOAT), new DataOutputStream(bytes));
        return bytes.toByteArray();
    }

    private static byte[] manifest(byte[] configuration, Map<String, byte[]> entries) throws IOException {
        JsonNode confs =
                UntrustedJson.parse(UntrustedJson.decode(configuration)).path("confs");
        int outputs = confs.path(confs.size() - 1).path("layer").path("nout").asInt();
        List<String> names = Collections.nCopies(Math.max(0, Math.min(outputs, 100)), "a");
        Map<String, String> sha256 = new TreeMap<>();
        entries.forEach((name, content) -> sha256.put(name, DigestUtils.sha256Hex(content)));
        List<Integer> shape = List.of(1, FuzzedConfiguration.SIDE, FuzzedConfiguration.SIDE);
        return JsonFile.bytes(
                new ModelArchive.Manifest(new ModelDescription(names, shape, null, null, null, null), sha256));
    }

    private static void write(Map<String, byte[]> entries) throws IOException {
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
            for (Map.Entry<String, byte[]> each : entries.entrySet()) {
                zip.putNextEntry(new ZipEntry(each.getKey()));
                zip.write(each.getValue());
            }
        }
    }

    /** {@return the model; empty if it is refused, as it should be} */
    private static Optional<ModelFile> load() {
        try {
            return Optional.of(ModelFile.load(file));
        } catch (ModelFileException refused) {
            return Optional.empty();
        }
    }

    /** {@return content with a stretch of it replaced}, anywhere from none to all */
    public static byte[] changed(byte[] content, FuzzedDataProvider data) {
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
