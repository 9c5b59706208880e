package org.bncnn.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bncnn.engine.OneDnnNetwork;
import org.bncnn.model.Norm;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.preprocessor.ImagePreProcessingScaler;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Files whose every part is as it should be, but for a number that ends the virtual machine, exhausts it, or hides a
 * NaN.
 */
class HostileConfigurationTest {
    @TempDir
    private static Path folder;

    private static Map<String, byte[]> good;
    private static ModelDescription description;

    private final Map<String, byte[]> entries = new LinkedHashMap<>(good);
    private final Path file = folder.resolve("hostile.zip");

    @BeforeAll
    static void save() throws IOException {
        ModelFile reference = ModelFiles.model(Norm.BUILTIN);
        description = reference.description();
        good = ModelFiles.saved(reference, folder.resolve("model.zip"), false);
    }

    /** Layers of the reference CNN: 0 convolution, 1 batch normalization, 2 ReLU, 3 pooling … 11 output. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "3  | stride      | [0, 0]               | stride is 0, not 1 to 65536",
                "0  | stride      | [0, 0]               | stride is 0, not 1 to 65536",
                "0  | stride      | [-1, -1]             | stride is -1, not 1 to 65536",
                "3  | stride      | [1]                  | stride has 1 numbers, not 2",
                "0  | kernelSize  | [0, 0]               | kernelSize is 0, not 1 to 65536",
                "0  | kernelSize  | [2147483647, 1]      | kernelSize is 2147483647, not 1 to 65536",
                "0  | kernelSize  | []                   | kernelSize has 0 numbers, not 2",
                "0  | kernelSize  | [65536, 65536]       | the configuration has",
                "3  | kernelSize  | [60000, 60000]       | layer 3 (pool1, SubsamplingLayer) gives an array of shape [16, -29993, -29993]",
                "0  | dilation    | [0, 0]               | dilation is 0, not 1 to 65536",
                "3  | dilation    | [0, 0]               | dilation is 0, not 1 to 65536",
                "0  | padding     | [-3, -3]             | padding is -3, not 0 to 4096",
                "0  | padding     | [2147483647, 0]      | padding is 2147483647, not 0 to 4096",
                "0  | padding     | [4000, 4000]         | layer 0 (conv1, ConvolutionLayer): one example takes more than 67108864 values",
                "3  | padding     | [3000, 3000]       | layer 3 (pool1, SubsamplingLayer): one example takes more than 67108864 values",
                "0  | nout        | 1099511627776        | nout is 1099511627776, not 0 to 268435456",
                "0  | nin         | -1                   | nin is -1, not 0 to 268435456",
                "0  | nin         | 3                    | the configuration has",
                "1  | eps         | \"NaN\"             | layer 1 (bn1, BatchNormalization): eps is NaN, not a positive float",
                "1  | eps         | -1e9                 | eps is -1.0E9, not a positive float",
                "1  | eps         | 0                    | eps is 0.0, not a positive float",
                "1  | eps         | 1e-50                | eps is 1.0E-50, not a positive float",
                "1  | decay       | \"NaN\"             | layer 1 (bn1, BatchNormalization): decay is NaN, not 0 to 1",
                "1  | decay       | 1.5                  | decay is 1.5, not 0 to 1",
                "11 | lossFn      | {\"@class\":\"org.nd4j.linalg.lossfunctions.impl.LossMCXENT\",\"weights\":[1,1,1]} "
                        + "| layer 11 (fc2, OutputLayer): its loss has 3 weights, for 4 outputs",
                "2  | activationFn| {\"@class\":\"org.nd4j.linalg.activations.impl.ActivationReLU\",\"max\":\"NaN\"} "
                        + "| layer 2 (relu1, ActivationLayer): max is NaN, not a finite float",
                "2  | activationFn| {\"@class\":\"org.nd4j.linalg.activations.impl.ActivationReLU\",\"negativeSlope\":1e308} "
                        + "| negativeSlope is 1.0E308, not a finite float"
            })
    void aNumberOfALayer(int layer, String field, String value, String complaint) throws IOException {
        ObjectNode root = root();
        layer(root, layer).set(field, UntrustedJson.parse(value));
        assertRefused(root, complaint);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Upsampling2D              | \"size\":[20000,20000]        | size is 20000, not 1 to 256",
                "Upsampling2D              | \"size\":[0,0]                | size is 0, not 1 to 256",
                "Upsampling2D              | \"size\":[256,256]            | layer 1 (conv1, ConvolutionLayer): one example takes more than",
                "ZeroPaddingLayer          | \"padding\":[60000,60000,60000,60000] | padding is 60000, not 0 to 4096",
                "ZeroPaddingLayer          | \"padding\":[4000,4000,4000,4096] | one example takes more than 67108864 values",
                "ZeroPaddingLayer          | \"padding\":[-40,-40,-40,-40]  | padding is -40, not 0 to 4096",
                "ZeroPaddingLayer          | \"padding\":[1,1]              | padding has 2 numbers, not 4",
                "convolutional.Cropping2D  | \"cropping\":[-1,0,0,0]        | cropping is -1, not 0 to 4096",
                "convolutional.Cropping2D  | \"cropping\":[20,20,20,20]     | gives an array of shape [1, -24, -24] for an example",
                "SpaceToDepthLayer         | \"blockSize\":0               | blockSize is 0, not 1 to 65536",
                "SpaceToBatchLayer         | \"blocks\":[0,0],\"padding\":[[0,0],[0,0]] | blocks is 0, not 1 to 65536"
            })
    void aLayerThatIsPutInFront(String type, String fields, String complaint) throws IOException {
        ObjectNode root = root();
        insert(
                root,
                "{\"@class\":\"org.deeplearning4j.nn.conf.layers." + type + "\",\"layerName\":\"z\"," + fields + "}");
        assertRefused(root, complaint);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "iterationCount  | -1              | iterationCount is -1, not 0 to 1073741824",
                "epochCount      | -2147483648     | epochCount is -2147483648, not 0 to 1073741824",
                "tbpttFwdLength  | -1              | tbpttFwdLength is -1, not 1 to 2147483647",
                "dataType        | \"UTF8\"        | its data type is UTF8, not one of BFLOAT16, DOUBLE, FLOAT, HALF",
                "dataType        | \"INT\"         | its data type is INT, not one of",
                "dataType        | \"BOOL\"        | its data type is BOOL, not one of"
            })
    void aNumberOfTheNetwork(String field, String value, String complaint) throws IOException {
        ObjectNode root = root();
        root.set(field, UntrustedJson.parse(value));
        assertRefused(root, complaint);
    }

    @Test
    void aPreprocessorThatIsTooLarge() throws IOException {
        ObjectNode root = root();
        root.path("inputPreProcessors").forEach(each -> ((ObjectNode) each).put("inputHeight", Integer.MAX_VALUE));
        assertRefused(root, "preprocessor of layer 8: inputHeight is 2147483647, not 0 to 65536");
    }

    @ParameterizedTest
    @ValueSource(ints = {-5, 12, 99999})
    void aPreprocessorOfNoLayer(int index) throws IOException {
        ObjectNode root = root();
        ObjectNode preprocessors = (ObjectNode) root.get("inputPreProcessors");
        preprocessors.set(String.valueOf(index), preprocessors.elements().next());
        assertRefused(root, "it has a preprocessor for layer " + index + ", and 12 layers");
    }

    /** DL4J takes 14 seconds and 750 MB for them. */
    @Test
    void manySmallLayers() throws IOException {
        ObjectNode root = root();
        ArrayNode confs = (ArrayNode) root.get("confs");
        JsonNode small = UntrustedJson.parse(
                "{\"layer\":{\"@class\":\"org.deeplearning4j.nn.conf.layers.ActivationLayer\",\"layerName\":\"a\"}}");
        for (int i = 0; i < 20_000; i++) {
            confs.insert(3, small);
        }
        assertRefused(root, "configuration.json: it has 20012 layers; no more than 2000 are read");
    }

    @Test
    void imagesThatTheNetworkDoesNotTake() throws IOException {
        ModelFiles.addManifest(
                entries, new ModelDescription(description.classNames(), List.of(3, 16, 16), null, null, null, null));
        assertLoadRefused("it fails on an example: ");
    }

    @Test
    void imagesThatAreTooLarge() throws IOException {
        ModelFiles.addManifest(
                entries,
                new ModelDescription(description.classNames(), List.of(1, 32768, 32768), null, null, null, null));
        assertLoadRefused("its input: one example takes more than 67108864 values");
    }

    @Test
    void severalResultsForAnImage() throws IOException {
        ObjectNode root = root();
        insert(
                root,
                "{\"@class\":\"org.deeplearning4j.nn.conf.layers.SpaceToBatchLayer\",\"layerName\":\"z\","
                        + "\"blocks\":[2,2],\"padding\":[[0,0],[0,0]]}");
        put(root);
        ModelFiles.addManifest(
                entries, new ModelDescription(description.classNames(), List.of(1, 32, 32), null, null, null, null));
        assertLoadRefused("it fails on an example: it gives 4 results for 1");
    }

    @ParameterizedTest
    @ValueSource(doubles = {-5, -1e-30})
    void aRunningVarianceThatIsNegative(double variance) throws IOException {
        MultiLayerNetwork network = withVariances();
        network.getLayer(1).getParam("var").putScalar(3, variance);
        new ModelFile(network, null, description).save(file, false);
        assertThatThrownBy(() -> ModelFile.load(file))
                .hasMessage(
                        file + ": is refused as a model: layer 1 (bn1, BatchNormalization): its running variance is "
                                + (float) variance);
    }

    @Test
    void aRunningVarianceThatIsNegativeInAFrozenLayer() throws IOException {
        var configuration = withVariances().getLayerWiseConfigurations();
        configuration
                .getConf(1)
                .setLayer(new FrozenLayer(configuration.getConf(1).getLayer()));
        MultiLayerNetwork network = new MultiLayerNetwork(configuration);
        network.init();
        network.getLayer(1).getParam("var").putScalar(3, -1);
        new ModelFile(network, null, description).save(file, false);
        assertThatThrownBy(() -> ModelFile.load(file)).hasMessageContaining("its running variance is -1.0");
    }

    private static MultiLayerNetwork withVariances() {
        var configuration = ModelFiles.network(Norm.BUILTIN).getLayerWiseConfigurations();
        configuration.getConfs().forEach(conf -> {
            if (conf.getLayer() instanceof BatchNormalization norm) {
                norm.setUseLogStd(false);
            }
        });
        MultiLayerNetwork network = new MultiLayerNetwork(configuration);
        network.init();
        return network;
    }

    /** They are numbers, and the network is one; that it gives NaN is seen, by DL4J and on the engine alike. */
    @Test
    void parametersThatOverflow() throws IOException {
        MultiLayerNetwork network = ModelFiles.network(Norm.BUILTIN);
        network.params().assign(3e38);
        new ModelFile(network, null, description).save(file, false);
        MultiLayerNetwork loaded = ModelFile.load(file).network();
        INDArray images = ModelFiles.images();
        for (INDArray output :
                List.of(loaded.output(images), OneDnnNetwork.accelerate(loaded).output(images))) {
            assertThat(output.data().asFloat()).containsOnly(Float.NaN);
        }
    }

    @Test
    void aNormalizerThatDividesByZero() throws IOException {
        ImagePreProcessingScaler scaler = new ImagePreProcessingScaler(0, 1);
        scaler.setMaxPixelVal(0);
        entries.put(ModelSerializer.NORMALIZER_BIN, NormalizerFormat.write(scaler));
        ModelFiles.addManifest(entries, description);
        assertLoadRefused("normalizer.bin: its largest pixel is 0.0, not above 0");
    }

    /** Also where the file does not say what images the network takes. */
    @Test
    void withoutADescription() throws IOException {
        ObjectNode root = root();
        layer(root, 3).set("stride", UntrustedJson.parse("[0,0]"));
        entries.remove(ModelArchive.MANIFEST);
        put(root);
        assertLoadRefused("layer 3 (pool1, SubsamplingLayer): stride is 0, not 1 to 65536");
    }

    @Test
    void theTrialLeavesNoTrace() throws IOException {
        ModelFiles.write(file, entries);
        Nd4j.getRandom().setSeed(5);
        float[] expected = Nd4j.rand(4).data().asFloat();
        Nd4j.getRandom().setSeed(5);
        MultiLayerNetwork network = ModelFile.load(file).network();
        assertThat(Nd4j.rand(4).data().asFloat()).isEqualTo(expected);
        assertThat(network.getInput()).isNull();
        assertThat(network.getIterationCount()).isEqualTo(1);
        assertThat(ConfigurationFormat.write(network.getLayerWiseConfigurations()))
                .isEqualTo(entries.get(ModelSerializer.CONFIGURATION_JSON));
        assertThat(ModelFiles.bytes(network.params())).isEqualTo(entries.get(ModelSerializer.COEFFICIENTS_BIN));
    }

    @Test
    void anInterruptionIsKept() throws IOException {
        ModelFiles.write(file, entries);
        Thread.currentThread().interrupt();
        assertThatCode(() -> ModelFile.load(file)).doesNotThrowAnyException();
        assertThat(Thread.interrupted()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"TrapInDefaultPackage", "TrapInDefaultPackage$Nested"})
    void aClassWithoutAPackage(String name) throws IOException {
        ObjectNode root = root();
        layer(root, 2).set("activationFn", UntrustedJson.parse("{\"@class\":\"" + name + "\"}"));
        assertRefused(root, "configuration.json: it names the class " + name);
        assertThat(System.getProperty("TrapInDefaultPackage")).isNull();
        ModelSerializer.restoreMultiLayerNetwork(file.toFile());
        assertThat(System.clearProperty("TrapInDefaultPackage")).isEqualTo("sprung");
    }

    /** DL4J takes the shape as it is. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"FLOAT\",\"shape\":[1,1000000],\"data\":[1]           | an array of shape [1,1000000] with 1 values",
                "\"FLOAT\",\"shape\":[4294967296,4294967296],\"data\":[] | with 0 values",
                "\"FLOAT\",\"shape\":[-1,-4],\"data\":[1,1,1,1]          | an array of shape [-1,-4] with 4 values",
                "\"FLOAT\",\"shape\":[1,4],\"data\":[1,1,1,\"NaN\"]      | an array with the value NaN",
                "\"UTF8\",\"shape\":[1,4],\"data\":[1,1,1,1]             | an array of another type than FLOAT"
            })
    void anArray(String array, String complaint) throws IOException {
        ObjectNode root = root();
        layer(root, 11)
                .set(
                        "lossFn",
                        UntrustedJson.parse("{\"@class\":\"org.nd4j.linalg.lossfunctions.impl.LossMCXENT\","
                                + "\"weights\":{\"dataType\":" + array + "}}"));
        assertRefused(root, complaint);
    }

    private ObjectNode root() throws IOException {
        return (ObjectNode) UntrustedJson.parse(ModelFiles.configuration(entries));
    }

    private static ObjectNode layer(JsonNode root, int index) {
        return (ObjectNode) root.get("confs").get(index).get("layer");
    }

    /** Puts a layer before all others. */
    private static void insert(ObjectNode root, String layer) throws IOException {
        ArrayNode confs = (ArrayNode) root.get("confs");
        ObjectNode conf = confs.get(2).deepCopy();
        conf.set("layer", UntrustedJson.parse(layer));
        confs.insert(0, conf);
        ObjectNode preprocessors = root.objectNode();
        root.get("inputPreProcessors")
                .properties()
                .forEach(each ->
                        preprocessors.set(String.valueOf(Integer.parseInt(each.getKey()) + 1), each.getValue()));
        root.set("inputPreProcessors", preprocessors);
    }

    private void put(JsonNode root) {
        ModelFiles.putConfiguration(entries, root.toString());
    }

    private void assertRefused(JsonNode root, String complaint) throws IOException {
        put(root);
        ModelFiles.addManifest(entries, description);
        assertLoadRefused(complaint);
    }

    private void assertLoadRefused(String complaint) throws IOException {
        ModelFiles.assertRefused(ModelFiles.write(file, entries), complaint);
    }
}
