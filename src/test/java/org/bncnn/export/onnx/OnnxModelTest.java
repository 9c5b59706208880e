package org.bncnn.export.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnxruntime.OrtException;
import com.google.common.jimfs.Configuration;
import com.google.common.jimfs.Jimfs;
import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import onnx.Onnx.GraphProto;
import onnx.Onnx.ModelProto;
import onnx.Onnx.NodeProto;
import onnx.Onnx.StringStringEntryProto;
import onnx.Onnx.TensorProto;
import onnx.Onnx.ValueInfoProto;
import org.bncnn.data.DatasetLocator;
import org.bncnn.data.ImagePreparation;
import org.bncnn.data.ImageSetIterator;
import org.bncnn.data.Inversion;
import org.bncnn.export.NotExportableException;
import org.bncnn.norm.BatchNormFolding;
import org.bncnn.store.JsonFile;
import org.bncnn.store.ModelDescription;
import org.bncnn.store.ModelFile;
import org.bncnn.store.UnwritableFileException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** The models that are handed out, on real images. */
class OnnxModelTest {
    private static final OnnxOptions WITH_NORMALIZER = new OnnxOptions(true, null);

    /** Pixels, 0 to 255, {@code [N, 1, 28, 28]}. */
    private static INDArray pixels;

    @TempDir
    private Path folder;

    @BeforeAll
    static void load() throws IOException {
        var sample = DatasetLocator.sample();
        pixels = ImageSetIterator.ordered(sample.test(), 300).next().getFeatures();
    }

    @ParameterizedTest
    @CsvSource({
        "reference-none, false",
        "reference-builtin, false",
        "reference-builtin, true",
        "reference-custom, false",
        "reference-custom, true",
        "reference-custom-portable, false",
        "reference-custom-portable, true",
        "best, false",
        "best, true"
    })
    void givesWhatDl4jGives(String name, boolean fold) throws IOException, NotExportableException, OrtException {
        ModelFile model = model(name);
        INDArray normalized = pixels.dup();
        model.normalizer().transform(normalized);
        INDArray expected = OnnxParity.plain(model.network()).output(normalized);
        ModelFile exported = fold
                ? new ModelFile(BatchNormFolding.fold(model.network()), model.normalizer(), model.description())
                : model;
        try (OnnxRun outside = new OnnxRun(OnnxModel.of(exported, OnnxOptions.DEFAULT));
                OnnxRun inside = new OnnxRun(OnnxModel.of(exported, WITH_NORMALIZER))) {
            for (int examples : new int[] {1, 7, (int) pixels.size(0)}) {
                OnnxParity.assertEqual(outside.floats(head(normalized, examples)), head(expected, examples));
                OnnxParity.assertEqual(inside.bytes(head(pixels, examples)), head(expected, examples));
            }
        }
    }

    private static INDArray head(INDArray batch, int examples) {
        return batch.get(NDArrayIndex.interval(0, examples)).dup();
    }

    @Test
    void nodesAndWeightsAreNamedAfterLayers() throws IOException, NotExportableException {
        ModelProto model = proto(model("reference-custom"), OnnxOptions.DEFAULT);
        assertThat(model.getIrVersion()).isEqualTo(7);
        assertThat(model.getOpsetImportList()).singleElement().satisfies(opset -> {
            assertThat(opset.getDomain()).isEmpty();
            assertThat(opset.getVersion()).isEqualTo(13);
        });
        GraphProto graph = model.getGraph();
        assertThat(graph.getNodeList())
                .extracting(node -> node.getName() + " " + node.getOpType())
                .containsExactly(
                        "conv1 Conv",
                        "bn1 BatchNormalization",
                        "relu1 Relu",
                        "pool1 MaxPool",
                        "conv2 Conv",
                        "bn2 BatchNormalization",
                        "relu2 Relu",
                        "pool2 MaxPool",
                        "fc1.flatten Flatten",
                        "fc1 Gemm",
                        "bn3 BatchNormalization",
                        "relu3 Relu",
                        "fc2 Gemm",
                        "fc2.softmax Softmax");
        assertThat(graph.getInitializerList())
                .extracting(TensorProto::getName)
                .contains("conv1.weight", "bn1.weight", "bn1.bias", "bn1.running_mean", "bn1.running_var", "fc2.bias")
                .doesNotContain("conv1.bias");
        assertThat(shapes(graph))
                .containsEntry("conv2.weight", List.of(32L, 16L, 5L, 5L))
                .containsEntry("fc1.weight", List.of(128L, 512L));
    }

    @Test
    void theBatchIsOpenAndThePixelsAreBytesWithTheNormalizer() throws IOException, NotExportableException {
        ModelFile model = model("reference-builtin");
        GraphProto outside = proto(model, OnnxOptions.DEFAULT).getGraph();
        GraphProto inside = proto(model, WITH_NORMALIZER).getGraph();
        assertThat(describe(outside.getInput(0))).isEqualTo("images FLOAT [N, 1, 28, 28]");
        assertThat(describe(inside.getInput(0))).isEqualTo("images UINT8 [N, 1, 28, 28]");
        assertThat(describe(outside.getOutput(0))).isEqualTo("probabilities FLOAT [N, 10]");
        assertThat(inside.getNodeList())
                .extracting(NodeProto::getName)
                .startsWith("normalizer.cast", "normalizer.sub", "normalizer.mul", "conv1");
    }

    @Test
    void theFoldedModelHasNoBatchNormalization() throws IOException, NotExportableException {
        ModelFile model = model("reference-builtin");
        GraphProto graph = proto(
                        new ModelFile(BatchNormFolding.fold(model.network()), null, model.description()),
                        OnnxOptions.DEFAULT)
                .getGraph();
        assertThat(graph.getNodeList()).extracting(NodeProto::getOpType).doesNotContain("BatchNormalization");
        assertThat(graph.getInitializerList())
                .extracting(TensorProto::getName)
                .contains("conv1.bias")
                .doesNotContain("bn1.weight");
    }

    @Test
    void theMetadataTellWhatTheModelIs() throws IOException, NotExportableException {
        ModelProto outside = proto(model("reference-builtin"), OnnxOptions.DEFAULT);
        assertThat(outside.getProducerName()).isEqualTo("bncnn");
        assertThat(outside.getProducerVersion()).isNotEmpty().doesNotContain("$");
        assertThat(outside.getDocString()).isEqualTo("Trained on Fashion-MNIST, 90.17 % accurate on its test images.");
        assertThat(metadata(outside))
                .containsEntry("input_shape", "[1,28,28]")
                .containsEntry(
                        "class_names",
                        "[\"T-shirt/top\",\"Trouser\",\"Pullover\",\"Dress\",\"Coat\",\"Sandal\",\"Shirt\",\"Sneaker\",\"Bag\","
                                + "\"Ankle boot\"]")
                .containsEntry(
                        "normalizer",
                        "{\"type\":\"ImagePreProcessingScaler\",\"inside\":false,\"offset\":[127.5],\"scale\":[0.007843138]}")
                .containsEntry("norm", "builtin")
                .containsEntry("dataset", "Fashion-MNIST")
                .containsEntry("accuracy", "0.9017")
                .hasEntrySatisfying("commit", commit -> assertThat(commit).matches("[0-9a-f]{40}"))
                .hasEntrySatisfying("recipe", recipe -> assertThat(recipe).contains("\"learningRate\":0.001"))
                .hasEntrySatisfying(
                        "dataset_sha256",
                        sums -> assertThat(sums)
                                .contains("\"t10k-images-idx3-ubyte.gz\":\"5b4141f0afbad91edebe8549f8fcffe0"));
        assertThat(metadata(proto(model("reference-builtin"), WITH_NORMALIZER)).get("normalizer"))
                .contains("\"inside\":true");
    }

    @Test
    void theMetadataTellHowImageFilesArePrepared() throws IOException, NotExportableException {
        ModelFile old = model("reference-builtin");
        ModelDescription known = old.description();
        ModelDescription description = new ModelDescription(
                known.classNames(),
                known.inputShape(),
                JsonFile.tree(ImagePreparation.with(Inversion.LIGHT_BORDER)),
                null,
                null,
                null);
        assertThat(metadata(proto(new ModelFile(old.network(), null, description), OnnxOptions.DEFAULT)))
                .containsEntry(
                        "image_preparation",
                        "{\"decoder\":1,\"background\":\"white\",\"colours\":\"bgr\",\"inverted\":\"light-border\"}");
        assertThat(metadata(proto(old, OnnxOptions.DEFAULT))).doesNotContainKey("image_preparation");
    }

    @Test
    void whatIsNotKnownIsLeftOut() throws IOException, NotExportableException {
        ModelFile model = model("reference-builtin");
        ModelProto unknown =
                proto(new ModelFile(model.network(), null, null), new OnnxOptions(false, List.of(1, 28, 28)));
        assertThat(metadata(unknown)).containsOnlyKeys("input_shape");
        assertThat(unknown.getDocString()).isEmpty();
    }

    @Test
    void theModelIsNotChanged() throws IOException, NotExportableException {
        ModelFile model = model("reference-custom");
        String before = model.network().getLayerWiseConfigurations().toJson();
        INDArray parameters = model.network().params().dup();
        OnnxModel.of(model, WITH_NORMALIZER);
        assertThat(model.network().getLayerWiseConfigurations().toJson()).isEqualTo(before);
        assertThat(model.network().params()).isEqualTo(parameters);
        assertThat(model.network().getLayer(0).input()).isNull();
    }

    @Test
    void aFileHoldsTheModel() throws IOException, NotExportableException {
        Path file = folder.resolve("model.onnx");
        OnnxModel model = OnnxModel.of(model("reference-none"), OnnxOptions.DEFAULT);
        model.save(file);
        assertThat(file).hasBinaryContent(model.toByteArray());
        assertThat(folder.toFile().list()).containsExactly("model.onnx");
    }

    @Test
    void aFullDiskIsLeftAsItWas() throws IOException, NotExportableException {
        OnnxModel model = OnnxModel.of(model("reference-none"), OnnxOptions.DEFAULT);
        Configuration small = Configuration.unix().toBuilder()
                .setBlockSize(1024)
                .setMaxSize(20 * 1024)
                .build();
        try (FileSystem disk = Jimfs.newFileSystem(small)) {
            Path target = disk.getPath("model.onnx");
            assertThatThrownBy(() -> model.save(target))
                    .isInstanceOf(UnwritableFileException.class)
                    .hasMessage("model.onnx: cannot be written (out of disk space)");
            try (Stream<Path> files = Files.list(target.toAbsolutePath().getParent())) {
                assertThat(files).isEmpty();
            }
        }
    }

    /**
     * ONNX's own checker, with the inference of all shapes, which holds them against those that the outputs declare.
     */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void onnxFindsNothingWrong(boolean withNormalizer) throws Exception {
        for (String name : List.of("reference-none", "reference-builtin", "reference-custom")) {
            Path file = folder.resolve(name + ".onnx");
            OnnxModel.of(model(name), new OnnxOptions(withNormalizer, null)).save(file);
            OnnxChecker.check(file);
        }
    }

    private static ModelFile model(String name) throws IOException {
        return ModelFile.load(Path.of("models", name + ".zip"));
    }

    private static ModelProto proto(ModelFile model, OnnxOptions options) throws IOException, NotExportableException {
        return ModelProto.parseFrom(OnnxModel.of(model, options).toByteArray());
    }

    private static Map<String, List<Long>> shapes(GraphProto graph) {
        Map<String, List<Long>> shapes = new TreeMap<>();
        graph.getInitializerList().forEach(tensor -> shapes.put(tensor.getName(), tensor.getDimsList()));
        return shapes;
    }

    private static Map<String, String> metadata(ModelProto model) {
        Map<String, String> metadata = new TreeMap<>();
        for (StringStringEntryProto entry : model.getMetadataPropsList()) {
            metadata.put(entry.getKey(), entry.getValue());
        }
        return metadata;
    }

    private static String describe(ValueInfoProto value) {
        var tensor = value.getType().getTensorType();
        return value.getName() + " " + TensorProto.DataType.forNumber(tensor.getElemType()) + " "
                + tensor.getShape().getDimList().stream()
                        .map(size -> size.hasDimParam() ? size.getDimParam() : size.getDimValue() + "")
                        .toList();
    }
}
