package org.bncnn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.codec.digest.DigestUtils;
import org.bncnn.export.StateDict;
import org.bncnn.model.Recipe;
import org.bncnn.norm.BatchNorm;
import org.bncnn.store.JsonFile;
import org.bncnn.store.ModelFile;
import org.bncnn.weights.WeightsFile;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Weights of PyTorch in, {@code import}, and out, {@code export --state-dict}. */
class ImportCommandTest {
    @TempDir
    private static Path folder;

    private static Path weights;
    private static Path model;

    @BeforeAll
    static void importWeights() throws URISyntaxException {
        weights = fixture("bn.safetensors");
        model = folder.resolve("model.zip");
        Called called = Called.of("import", weights + "", "--out", model + "");
        assertThat(called.exitCode()).isZero();
        assertThat(called.out())
                .isEqualToNormalizingNewlines(
                        model + ": reference CNN, norm builtin, 80,730 values from " + weights + "\n");
    }

    private static Path fixture(String name) throws URISyntaxException {
        return Path.of(ImportCommandTest.class
                .getResource("/org/bncnn/export/pytorch/" + name)
                .toURI());
    }

    @ParameterizedTest
    @CsvSource({
        "none.safetensors, '', none, '80,202', Safe to load with DL4J alone",
        "bn.safetensors, --norm=custom, custom, '80,730', 'Safe to load, with this program''s jar on the class path for'",
        "bn.safetensors, --norm=builtin, builtin, '80,730', 'Safe to load, with DL4J alone.'"
    })
    void theNormIsTheOneAskedForOrTheFiles(String file, String option, String norm, String values, String safe)
            throws Exception {
        Path target = folder.resolve(norm + ".zip");
        List<String> arguments = new ArrayList<>(List.of("import", fixture(file) + "", "--out", target + ""));
        if (!option.isEmpty()) {
            arguments.add(option);
        }
        Called called = Called.of(arguments.toArray(String[]::new));
        assertThat(called.exitCode()).isZero();
        assertThat(called.out()).contains(": reference CNN, norm " + norm + ", " + values + " values from ");
        Called inspected = Called.of("inspect", target + "");
        assertThat(inspected.exitCode()).isZero();
        assertThat(inspected.out())
                .contains(safe.replace("load with", "load, with"))
                .contains("importedFrom   " + file)
                .contains("importedSha256 " + DigestUtils.sha256Hex(Files.readAllBytes(fixture(file))))
                .contains("norm           " + norm)
                .contains("metadata       {\"format\":\"pt\"}")
                .contains("image files    decoder 1, background white, colours bgr, inverted light-border")
                .contains("Ankle boot");
    }

    @Test
    void itIsMeasuredAndPredictsAsAnyModel() {
        Called evaluated = Called.of("evaluate", model + "", "--data", "sample");
        assertThat(evaluated.exitCode()).isZero();
        assertThat(evaluated.out()).startsWith("Accuracy on test set: 75.80 %"); // PyTorch's, in bn.json
        Called predicted = Called.of("predict", model + "", "src/it/images/0.png");
        assertThat(predicted.exitCode()).isZero();
        assertThat(predicted.out()).startsWith("src/it/images/0.png: ");
    }

    @Test
    void itHasNoCardBecauseItWasNotMeasured() {
        Called called =
                Called.of("export", model + "", "--portable", "--card", "--out", folder.resolve("carded.zip") + "");
        assertThat(called.exitCode()).isEqualTo(1);
        assertThat(called.err())
                .contains(
                        "model.zip: cannot have a card: it does not say how it was trained and how well it does on test images");
        assertThat(folder.resolve("carded.zip")).doesNotExist();
    }

    @Test
    void whatWasImportedIsExportedAgain() throws IOException {
        Path back = folder.resolve("back.safetensors");
        Called called = Called.of("export", model + "", "--state-dict", "--out", back + "");
        assertThat(called.exitCode()).isZero();
        assertThat(called.out()).isEqualToNormalizingNewlines("%s: %,d bytes%n".formatted(back, Files.size(back)));
        Map<String, INDArray> original = StateDict.read(weights).tensors();
        assertThat(StateDict.read(back).tensors()).isEqualTo(original);
        Path folded = folder.resolve("folded.safetensors");
        assertThat(Called.of("export", model + "", "--state-dict", "--fold", "--out", folded + "")
                        .exitCode())
                .isZero();
        assertThat(StateDict.read(folded).tensors().keySet())
                .containsExactlyInAnyOrder(
                        "conv1.weight",
                        "conv1.bias",
                        "conv2.weight",
                        "conv2.bias",
                        "fc1.weight",
                        "fc1.bias",
                        "fc2.weight",
                        "fc2.bias");
    }

    @Test
    void likeAnotherModelTakesAllOfItButTheWeights() throws IOException {
        ModelFile trained = ModelFile.load(Path.of("models/reference-builtin.zip"));
        Path target = folder.resolve("like.zip");
        Called called =
                Called.of("import", weights + "", "--like", "models/reference-builtin.zip", "--out", target + "");
        assertThat(called.exitCode()).isZero();
        assertThat(called.out())
                .isEqualToNormalizingNewlines(
                        target + ": network of models/reference-builtin.zip, 80,730 values from " + weights + "\n");
        ModelFile made = ModelFile.load(target);
        assertThat(made.network().params())
                .isEqualTo(ModelFile.load(model).network().params());
        assertThat(made.normalizer()).isEqualTo(trained.normalizer());
        assertThat(made.description().classNames())
                .isEqualTo(trained.description().classNames());
        assertThat(made.description().evaluation()).isNull();
        assertThat(made.description().provenance().get("norm").asText()).isEqualTo("builtin");
        assertThat(made.description().provenance().get("importedFrom").asText()).isEqualTo("bn.safetensors");
        // 63 batches of the script, and not those of the model's own training
        assertThat(made.network().getIterationCount()).isEqualTo(63);
        assertThat(made.network().getEpochCount()).isZero();
    }

    @Test
    void withoutBatchesCountedItsTrainingBeginsAnew() throws Exception {
        Path target = folder.resolve("like-none.zip");
        Called called = Called.of(
                "import",
                fixture("none.safetensors") + "",
                "--like",
                "models/reference-none.zip",
                "--out",
                target + "");
        assertThat(called.exitCode()).isZero();
        assertThat(ModelFile.load(Path.of("models/reference-none.zip"))
                        .network()
                        .getIterationCount())
                .isPositive();
        assertThat(ModelFile.load(target).network().getIterationCount()).isZero();
    }

    @Test
    void likeAModelThatTellsNothing() throws IOException {
        Path bare = folder.resolve("bare.zip");
        ModelFile.load(model).network().save(bare.toFile());
        Path target = folder.resolve("like-bare.zip");
        assertThat(Called.of("import", weights + "", "--like", bare + "", "--out", target + "")
                        .exitCode())
                .isZero();
        assertThat(ModelFile.load(target).description()).isNull();
    }

    @Test
    void weightsThatDoNotFitAreNamed() throws Exception {
        Path none = fixture("none.safetensors");
        assertFails(
                none
                        + ": does not fit the reference CNN with norm custom: bn1.weight is missing; left over: conv1.bias,"
                        + " conv2.bias, fc1.bias",
                "import",
                none + "",
                "--norm",
                "custom");
        assertFails(
                weights + ": does not fit the reference CNN with norm none: it has batch normalization",
                "import",
                weights + "",
                "--norm",
                "none");
        assertFails(
                none + ": does not fit the model: bn1.weight is missing",
                "import",
                none + "",
                "--like",
                "models/reference-builtin.zip");
    }

    @Test
    void otherClassesThanTheReferencesAreNamed() throws IOException {
        Map<String, INDArray> tensors =
                new LinkedHashMap<>(StateDict.read(weights).tensors());
        tensors.put("fc2.weight", Nd4j.ones(4, 128));
        Path four = folder.resolve("four.safetensors");
        new WeightsFile(tensors, Map.of()).save(four);
        assertFails(
                four
                        + ": does not fit the reference CNN with norm builtin: fc2.weight has the shape [4, 128], the network"
                        + " needs [10, 128]; for another network name a model of it with --like",
                "import",
                four + "");
    }

    /** The file of {@code torch.save}, and beside it the one of safetensors. */
    @Test
    void aCheckpointIsImportedLikeANetworkOfItsLayers() throws Exception {
        Path checkpoint = fixture("checkpoint/checkpoint.pt");
        assertFails(
                checkpoint
                        + ": does not fit the reference CNN with norm builtin: conv1.weight has the shape [3, 1, 3, 3], the"
                        + " network needs [16, 1, 5, 5]; for another network name a model of it with --like",
                "import",
                checkpoint + "");
        Path like = folder.resolve("small.zip");
        new ModelFile(small(), null, null).save(like, false);
        Path target = folder.resolve("small-trained.zip");
        Called called = Called.of("import", checkpoint + "", "--like", like + "", "--out", target + "");
        assertThat(called.exitCode()).isZero();
        assertThat(called.out())
                .isEqualToNormalizingNewlines(target + ": network of " + like + ", 221 values from " + checkpoint + "\n"
                        + "biases subtracted from the running means of the batch normalization behind them, with equal"
                        + " outputs: conv1.bias, conv2.bias, fc1.bias\n");
        Path numbers = folder.resolve("small-numbers.zip");
        assertThat(Called.of(
                                "import",
                                fixture("checkpoint/sequential.safetensors") + "",
                                "--like",
                                like + "",
                                "--out",
                                numbers + "")
                        .exitCode())
                .isZero();
        assertThat(ModelFile.load(numbers).network().params())
                .isEqualTo(ModelFile.load(target).network().params());
    }

    /** The network of {@code make_checkpoint.py}, without biases before batch normalization. */
    private static MultiLayerNetwork small() {
        MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .activation(Activation.IDENTITY)
                .list()
                .layer(new ConvolutionLayer.Builder(3, 3)
                        .name("conv1")
                        .nOut(3)
                        .hasBias(false)
                        .build())
                .layer(new BatchNorm.Builder().name("bn1").build())
                .layer(new SubsamplingLayer.Builder()
                        .kernelSize(2, 2)
                        .stride(2, 2)
                        .build())
                .layer(new ConvolutionLayer.Builder(2, 2)
                        .name("conv2")
                        .nOut(4)
                        .hasBias(false)
                        .build())
                .layer(new BatchNorm.Builder().name("bn2").build())
                .layer(new DenseLayer.Builder()
                        .name("fc1")
                        .nOut(5)
                        .hasBias(false)
                        .build())
                .layer(new BatchNorm.Builder().name("bn3").build())
                .layer(new OutputLayer.Builder()
                        .name("fc2")
                        .nOut(3)
                        .activation(Activation.SOFTMAX)
                        .build())
                .setInputType(InputType.convolutional(8, 8, 1))
                .build());
        network.init();
        return network;
    }

    @Test
    void tensorsOfOtherLayersAreLeftOutUnlessItIsStrict() throws IOException {
        Map<String, INDArray> tensors = new LinkedHashMap<>();
        StateDict.read(weights).tensors().forEach((name, values) -> tensors.put("module." + name, values));
        tensors.put("module.ema.decay", Nd4j.scalar(0.5));
        Path file = folder.resolve("more.safetensors");
        new WeightsFile(tensors, Map.of()).save(file);
        assertFails(
                file
                        + ": does not fit the reference CNN with norm builtin: the network has no place for ema.decay; for another",
                "import",
                file + "",
                "--strict");
        Path target = folder.resolve("more.zip");
        Called called = Called.of("import", file + "", "--out", target + "");
        assertThat(called.exitCode()).isZero();
        assertThat(called.out().lines().skip(1))
                .containsExactly(
                        "prefix module. removed from all names",
                        "left out, because the network has no such layers: ema.decay");
        assertThat(ModelFile.load(target).network().params())
                .isEqualTo(ModelFile.load(model).network().params());
    }

    @Test
    void whatIsInAFileOfWeightsIsShown() throws Exception {
        Path file = fixture("checkpoint/checkpoint.pt");
        Path json = folder.resolve("checkpoint.json");
        Called called = Called.of("inspect", file + "", "--json", json + "");
        assertThat(called.exitCode()).isZero();
        assertThat(called.out())
                .startsWith("tensor                   type         values  shape\n"
                        + "conv1.weight             F32              27  [3, 1, 3, 3]\n")
                .contains("bn1.num_batches_tracked  I64               1  []\n")
                .contains("\nparameters            233 in 23 tensors\nepoch                 3\n")
                .endsWith("\nSafe to read: PyTorch weights.\n");
        JsonNode found = JsonFile.read(json, JsonNode.class);
        assertThat(found.get("format").asText()).isEqualTo("PyTorch");
        assertThat(found.get("parameters").asInt()).isEqualTo(233);
        assertThat(found.get("tensors").get(0).get("shape")).hasToString("[3,1,3,3]");
        assertThat(found.get("metadata").get("loss").asText()).isEqualTo("0.25");
        assertThat(Called.of("inspect", fixture("types.safetensors") + "").out())
                .contains(
                        "bf16    BF16              6  [2, 3]\n",
                        "format      pt\n",
                        "Safe to read: safetensors weights.\n");
    }

    @ParameterizedTest
    @CsvSource({"checkpoint/module.pt, it is a pickled torch", "checkpoint/legacy.pt, it is a pickle without a zip"})
    void weightsThatAreRefusedAreShownAsFarAsTheyAreKnown(String name, String complaint) throws Exception {
        Called called = Called.of("inspect", fixture(name) + "");
        assertThat(called.exitCode()).isEqualTo(1);
        assertThat(called.out().lines())
                .singleElement()
                .asString()
                .startsWith(fixture(name) + ": is refused as PyTorch weights: " + complaint);
        byte[] cut = Files.readAllBytes(weights);
        cut[cut.length - 1] = (byte) 0xff;
        cut[cut.length - 2] = (byte) 0xff;
        Path damaged = Files.write(folder.resolve("infinite.safetensors"), cut);
        Called shown = Called.of("inspect", damaged + "");
        assertThat(shown.exitCode()).isEqualTo(1);
        assertThat(shown.out()).contains("conv1.weight").contains(damaged + ": is refused as safetensors: ");
    }

    @Test
    void aFileThatIsNoneIsRefused() throws IOException {
        byte[] cut = Arrays.copyOf(Files.readAllBytes(weights), 1000);
        Path damaged = Files.write(folder.resolve("damaged.safetensors"), cut);
        assertFails(damaged + ": is refused as safetensors: it ends too early", "import", damaged + "");
        for (String content : List.of("", "PK\3\4 a zip of something else", "{}", "weights")) {
            Path other = Files.writeString(folder.resolve("weights.pt"), content);
            assertFails(other + ": is neither safetensors nor a file of torch.save", "import", other + "");
        }
        Path none = folder.resolve("none.safetensors");
        assertFails(
                none + ": is not a file; name one that torch.save or safetensors.torch.save_file wrote",
                "import",
                none + "");
    }

    private static void assertFails(String message, String... arguments) {
        Path target = folder.resolve("refused.zip");
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--out", target + ""));
        Called called = Called.of(all.toArray(String[]::new));
        assertThat(called.exitCode()).isEqualTo(1);
        assertThat(called.err().lines()).singleElement().asString().startsWith("bncnn: " + message);
        assertThat(target).doesNotExist();
    }

    @Test
    void nothingIsOverwritten() throws IOException {
        byte[] before = Files.readAllBytes(model);
        for (Called called : List.of(
                Called.of("import", weights + "", "--out", model + ""),
                Called.of("export", model + "", "--state-dict", "--out", model + ""))) {
            assertThat(called.exitCode()).isEqualTo(1);
            assertThat(called.err())
                    .isEqualToNormalizingNewlines(
                            "bncnn: " + model + ": is there already; name another file or add --force\n");
        }
        assertThat(model).hasBinaryContent(before);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--portable   | Error: --portable, --state-dict are mutually exclusive (specify only one)",
                "--onnx       | Error: --onnx, --state-dict are mutually exclusive (specify only one)",
                "--card       | --card has no effect with --state-dict",
                "--no-updater | --no-updater has no effect with --state-dict, which has no updater"
            })
    void aStateDictIsNoModelFile(String option, String explanation) {
        Path target = folder.resolve("never.safetensors");
        Called called = Called.of("export", model + "", "--state-dict", option, "--out", target + "");
        assertThat(called.exitCode()).isEqualTo(2);
        assertThat(called.err()).isEqualToNormalizingNewlines("bncnn: " + explanation + " (see bncnn export --help)\n");
        assertThat(target).doesNotExist();
    }

    @Test
    void aNormIsNotThatOfAnotherModel() {
        Called called = Called.of(
                "import",
                weights + "",
                "--norm",
                "custom",
                "--like",
                model + "",
                "--out",
                folder.resolve("x.zip") + "");
        assertThat(called.exitCode()).isEqualTo(2);
        assertThat(called.err())
                .isEqualToNormalizingNewlines(
                        "bncnn: --norm has no effect with --like: the layers are those of that model (see bncnn import --help)\n");
        assertThat(Called.of("import", weights + "").exitCode()).isEqualTo(2);
        assertThat(Called.of("import", "--help").out()).contains("--like=MODEL", "--norm=NORM", "F16 and BF16");
    }

    @Test
    void aModelThatHasNoStateDictIsNamed() throws IOException {
        MultiLayerNetwork recurrent = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .updater(Recipe.REFERENCE.updater())
                .list()
                .layer(new LSTM.Builder().name("lstm").nOut(2).build())
                .layer(new RnnOutputLayer.Builder().nOut(2).build())
                .setInputType(InputType.recurrent(3))
                .build());
        recurrent.init();
        Path file = folder.resolve("recurrent.zip");
        new ModelFile(recurrent, null, null).save(file, false);
        assertFails(
                file + ": has no state_dict: layer 0 (lstm, LSTM): has no counterpart in a state_dict",
                "export",
                file + "",
                "--state-dict");
    }

    @Test
    void metadataOfAnyKindAreKept() throws IOException {
        Path file = folder.resolve("telling.safetensors");
        String trained = "in PyTorch, \u001b[31m on 60,000 images, 😀";
        new WeightsFile(StateDict.read(weights).tensors(), Map.of("trained", trained)).save(file);
        Path target = folder.resolve("telling.zip");
        assertThat(Called.of("import", file + "", "--out", target + "").exitCode())
                .isZero();
        assertThat(ModelFile.load(target)
                        .description()
                        .provenance()
                        .get("metadata")
                        .get("trained")
                        .asText())
                .isEqualTo(trained);
        byte[] shown = Called.of("inspect", target + "").out().getBytes(StandardCharsets.UTF_8);
        assertThat(shown).doesNotContain(0x1b);
    }
}
