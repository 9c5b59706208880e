package org.bncnn.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.bncnn.data.DatasetLocator;
import org.bncnn.data.ImageSet;
import org.bncnn.data.ImageSetIterator;
import org.bncnn.eval.Evaluator;
import org.bncnn.model.Norm;
import org.bncnn.norm.BatchNormFolding;
import org.bncnn.store.ModelFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Weights that PyTorch trained give here what they give there, and go back as they came. The files and the script that
 * makes them are in {@code src/test/resources/org/bncnn/export/pytorch}.
 */
class PyTorchStateDictTest {
    /** Both compute in float, each in its own order. */
    private static final double TOLERANCE = 1e-5;

    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path folder;

    @ParameterizedTest
    @EnumSource(Norm.class)
    void whatPyTorchTrainedGivesHereWhatItGivesThere(Norm norm) throws Exception {
        ModelFile model = reference(norm);
        JsonNode golden = golden(norm);
        assertProbabilities(model, golden);
        assertThat(correct(model)).isEqualTo(golden.get("correct").asInt());
    }

    @Test
    void theFileTellsWhetherThereIsBatchNormalization() throws Exception {
        assertThat(norm(ImportedModel.reference(weights(Norm.NONE), null, true).model()))
                .isEqualTo("none");
        ModelFile normalized =
                ImportedModel.reference(weights(Norm.BUILTIN), null, true).model();
        assertThat(norm(normalized)).isEqualTo("builtin");
        assertProbabilities(normalized, golden(Norm.BUILTIN));
    }

    /** Bit by bit: the data as they are, and a header that differs in its metadata alone. */
    @ParameterizedTest
    @EnumSource(Norm.class)
    void whatCameFromPyTorchGoesBackAsItCame(Norm norm) throws Exception {
        Path saved = folder.resolve("model.zip");
        reference(norm).save(saved, false);
        Path back = folder.resolve("back.safetensors");
        StateDict.of(ModelFile.load(saved)).save(back);
        byte[] original = Files.readAllBytes(weights(norm));
        byte[] exported = Files.readAllBytes(back);
        assertThat(header(exported)).isEqualTo(header(original));
        assertThat(data(exported)).isEqualTo(data(original));
        assertThat(StateDict.read(back).metadata())
                .containsEntry("format", "pt")
                .containsEntry("norm", norm.toString())
                .containsEntry("importedFrom", weights(norm).getFileName().toString())
                .containsKey("importedSha256");
    }

    @ParameterizedTest
    @EnumSource(Norm.class)
    void trainingGoesOnFromThere(Norm norm) throws Exception {
        ModelFile model = reference(norm);
        ImageSetIterator images =
                ImageSetIterator.ordered(DatasetLocator.sample().train(), 50);
        images.setPreProcessor(model.normalizer());
        model.network().fit(images);
        assertThat(correct(model)).isGreaterThan(golden(norm).get("correct").asInt());
    }

    @Test
    void theTypesOfPyTorchAreRead() throws Exception {
        StateDict types = StateDict.read(resource("types.safetensors"));
        JsonNode golden = JSON.readTree(resource("types.json").toFile());
        assertThat(types.tensors().keySet()).containsExactly("i64", "f64", "f32", "bf16", "f16");
        for (String type : types.tensors().keySet()) {
            assertThat(types.tensors().get(type).data().asDouble()).as(type).containsExactly(numbers(golden.get(type)));
        }
    }

    @ParameterizedTest
    @EnumSource(Norm.class)
    void pyTorchLoadsWhatWeExport(Norm norm) throws Exception {
        ModelFile model = reference(norm);
        // Away from what PyTorch wrote, so that no tensor can be one that it had anyway.
        model.network().params().muli(1.25);
        assertPyTorchAgrees(model);
    }

    @Test
    void pyTorchLoadsAFoldedNetworkAsTheArticlesOwn() throws Exception {
        ModelFile model = reference(Norm.CUSTOM);
        ModelFile folded =
                new ModelFile(BatchNormFolding.fold(model.network()), model.normalizer(), model.description());
        assertThat(StateDict.of(folded).tensors()).containsKey("conv1.bias").doesNotContainKey("bn1.weight");
        assertPyTorchAgrees(folded);
    }

    private void assertPyTorchAgrees(ModelFile model) throws Exception {
        Optional<PyTorch> pyTorch = PyTorch.find();
        assumeTrue(pyTorch.isPresent(), "there is no PyTorch");
        Path exported = folder.resolve("exported.safetensors");
        StateDict.of(model).save(exported);
        JsonNode there = pyTorch.get().load(exported);
        assertProbabilities(model, there);
        assertThat(correct(model)).isEqualTo(there.get("correct").asInt());
    }

    private static void assertProbabilities(ModelFile model, JsonNode expected) throws IOException {
        ImageSetIterator images =
                testImages(model, expected.get("probabilities").size());
        INDArray found = model.network().output(images.next().getFeatures());
        for (int image = 0; image < found.rows(); image++) {
            assertThat(found.getRow(image).toDoubleVector())
                    .as("image " + image)
                    .containsExactly(numbers(expected.get("probabilities").get(image)), within(TOLERANCE));
        }
    }

    private static long correct(ModelFile model) throws IOException {
        var result = Evaluator.evaluate(model.network(), testImages(model, 500));
        return Math.round(result.accuracy() * result.images());
    }

    private static ImageSetIterator testImages(ModelFile model, int batchSize) throws IOException {
        ImageSet images = DatasetLocator.sample().test();
        ImageSetIterator iterator = ImageSetIterator.ordered(images, batchSize);
        iterator.setPreProcessor(model.normalizer());
        return iterator;
    }

    private static ModelFile reference(Norm norm) throws Exception {
        ImportedModel imported = ImportedModel.reference(weights(norm), norm, true);
        assertThat(imported.notes()).isEmpty();
        return imported.model();
    }

    private static String norm(ModelFile model) {
        return model.description().provenance().get("norm").asText();
    }

    private static JsonNode header(byte[] file) throws IOException {
        ObjectNode header = (ObjectNode) JSON.readTree(file, Long.BYTES, headerLength(file));
        header.remove("__metadata__");
        return header;
    }

    private static byte[] data(byte[] file) {
        return Arrays.copyOfRange(file, Long.BYTES + headerLength(file), file.length);
    }

    private static int headerLength(byte[] file) {
        return (int) ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong();
    }

    private static double[] numbers(JsonNode array) {
        double[] numbers = new double[array.size()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = array.get(i).asDouble();
        }
        return numbers;
    }

    private static JsonNode golden(Norm norm) throws Exception {
        return JSON.readTree(resource(name(norm) + ".json").toFile());
    }

    private static Path weights(Norm norm) throws URISyntaxException {
        return resource(name(norm) + ".safetensors");
    }

    private static String name(Norm norm) {
        return norm == Norm.NONE ? "none" : "bn";
    }

    private static Path resource(String name) throws URISyntaxException {
        return Path.of(PyTorchStateDictTest.class.getResource("pytorch/" + name).toURI());
    }
}
