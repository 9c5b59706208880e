package org.bncnn.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.jimfs.Configuration;
import com.google.common.jimfs.Jimfs;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.bncnn.model.Norm;
import org.bncnn.model.ReferenceCnn;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.ComposableInputPreProcessor;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.preprocessors.PermutePreprocessor;
import org.deeplearning4j.preprocessors.ReshapePreprocessor;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.preprocessor.DataNormalization;
import org.nd4j.linalg.dataset.api.preprocessor.ImagePreProcessingScaler;
import org.nd4j.linalg.dataset.api.preprocessor.NormalizerMinMaxScaler;
import org.nd4j.linalg.dataset.api.preprocessor.NormalizerStandardize;
import org.nd4j.linalg.factory.Nd4j;

class ModelFileTest {
    private static final INDArray IMAGES = ModelFiles.images();

    @TempDir
    private Path folder;

    private Path file;
    private ModelFile model;
    private MultiLayerNetwork network;

    @BeforeEach
    void saveATrainedNetwork() throws IOException {
        model = ModelFiles.model(Norm.BUILTIN);
        network = model.network();
        file = folder.resolve("model.zip");
        model.save(file, true);
    }

    @ParameterizedTest
    @EnumSource(Norm.class)
    void everythingComesBack(Norm norm) throws IOException {
        ModelFile saved = ModelFiles.model(norm);
        saved.save(file, true);
        ModelFile loaded = ModelFile.load(file);
        assertThat(loaded.normalizer()).isEqualTo(saved.normalizer());
        assertThat(loaded.description()).isEqualTo(saved.description());
        assertThat(loaded.network().getLayerWiseConfigurations())
                .isEqualTo(saved.network().getLayerWiseConfigurations());
        assertThat(loaded.network().params()).isEqualTo(saved.network().params());
        assertThat(loaded.network().getUpdater().getStateViewArray())
                .isEqualTo(saved.network().getUpdater().getStateViewArray());
        assertThat(loaded.network().output(IMAGES)).isEqualTo(saved.network().output(IMAGES));
    }

    @Test
    void trainingGoesOnAsIfNothingHadHappened() throws IOException {
        MultiLayerNetwork loaded = ModelFile.load(file).network();
        for (MultiLayerNetwork each : new MultiLayerNetwork[] {network, loaded}) {
            each.fit(new DataSet(IMAGES.dup(), Nd4j.eye(ModelFiles.CLASSES)));
        }
        assertThat(loaded.params()).isEqualTo(network.params());
    }

    @Test
    void withoutUpdaterStateItIsSmaller() throws IOException {
        long whole = Files.size(file);
        model.save(file, false);
        assertThat(Files.size(file)).isLessThan(whole);
        assertThat(ModelFile.load(file).network().params()).isEqualTo(network.params());
    }

    @Test
    void dl4jReadsItByItself() throws IOException {
        MultiLayerNetwork loaded = MultiLayerNetwork.load(file.toFile(), true);
        assertThat(loaded.output(IMAGES)).isEqualTo(network.output(IMAGES));
        assertThat((Object) ModelSerializer.restoreNormalizerFromFile(file.toFile()))
                .isEqualTo(ReferenceCnn.normalizer());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatDl4jWroteByItselfIsRead(boolean updater) throws IOException {
        network.save(file.toFile(), updater);
        ModelFile loaded = ModelFile.load(file);
        assertThat(loaded.network().params()).isEqualTo(network.params());
        assertThat(loaded.normalizer()).isNull();
        assertThat(loaded.description()).isNull();
        assertThat(ModelInspection.of(file).isSafe()).isTrue();
    }

    @Test
    void everyNormalizerThatDl4jAddsToAFileIsRead() throws IOException {
        DataSet data = new DataSet(Nd4j.rand(DataType.FLOAT, 5, 3), Nd4j.rand(DataType.FLOAT, 5, 2));
        NormalizerStandardize standardize = new NormalizerStandardize();
        NormalizerMinMaxScaler minMax = new NormalizerMinMaxScaler(-2, 3);
        for (DataNormalization normalizer : List.of(standardize, minMax, new ImagePreProcessingScaler(0, 1, 4))) {
            normalizer.fitLabel(!(normalizer instanceof ImagePreProcessingScaler));
            normalizer.fit(data);
            network.save(file.toFile(), true);
            ModelSerializer.addNormalizerToModel(file.toFile(), normalizer);
            assertThat(ModelFile.load(file).normalizer()).isEqualTo(normalizer);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = DataType.class,
            names = {"DOUBLE", "HALF"})
    void networksOfAnyPrecisionAreRead(DataType type) throws IOException {
        MultiLayerNetwork other = new MultiLayerNetwork(dense(type));
        other.init();
        other.save(file.toFile(), false);
        assertThat(ModelFile.load(file).network().params()).isEqualTo(other.params());
    }

    @Test
    void aNetworkWithoutParametersIsRead() throws IOException {
        MultiLayerNetwork empty = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .list()
                .layer(new GlobalPoolingLayer.Builder().build())
                .layer(new LossLayer.Builder().activation(Activation.SOFTMAX).build())
                .setInputType(InputType.convolutional(3, 3, 2))
                .build());
        empty.init();
        new ModelFile(empty, null, null).save(file, true);
        assertThat(ModelFile.load(file).network().numParams()).isZero();
    }

    @Test
    void namesOfAnyScriptAreWrittenInAscii() throws IOException {
        MultiLayerConfiguration configuration = dense(DataType.FLOAT);
        configuration.getConf(0).getLayer().setLayerName("卷积 ü 😀");
        MultiLayerNetwork named = new MultiLayerNetwork(configuration);
        named.init();
        new ModelFile(named, null, null).save(file, false);
        byte[] json = ModelFiles.entries(Files.readAllBytes(file)).get(ModelSerializer.CONFIGURATION_JSON);
        assertThat(new String(json, StandardCharsets.ISO_8859_1)).matches("\\p{ASCII}+");
        assertThat(ModelFile.load(file).network().getLayerWiseConfigurations()).isEqualTo(configuration);
    }

    @Test
    void anEntryThatWasExchangedIsRefused() throws IOException {
        Map<String, byte[]> entries = ModelFiles.entries(Files.readAllBytes(file));
        INDArray others = network.params().dup().addi(1);
        entries.put(ModelSerializer.COEFFICIENTS_BIN, ModelFiles.bytes(others));
        ModelFiles.assertRefused(
                ModelFiles.write(file, entries), "its entry coefficients.bin is not the one that was saved: SHA-256");
    }

    @Test
    void anEntryThatWasTakenOutIsMissed() throws IOException {
        Map<String, byte[]> entries = ModelFiles.entries(Files.readAllBytes(file));
        entries.remove(ModelSerializer.UPDATER_BIN);
        ModelFiles.assertRefused(ModelFiles.write(file, entries), "its entry updaterState.bin is missing");
    }

    @Test
    void aDescriptionOfAnotherNetworkIsRefused() throws IOException {
        ModelDescription other = new ModelDescription(List.of("a"), List.of(1, 16, 16), null, null, null, null);
        new ModelFile(network, null, other).save(file, false);
        ModelFiles.assertRefused(file, "names 1 classes, the network has 4");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "null | must not be null",
                "{} | lacks the field model",
                "{'model':null,'sha256':{}} | lacks the field model",
                "{'model':{'classNames':['a'],'inputShape':[1,16,16]}} | lacks the field sha256",
                "{'model':{'inputShape':[1,16,16]},'sha256':{}} | model lacks the field classNames",
                "{'model':{'classNames':null,'inputShape':[1,16,16]},'sha256':{}} | model lacks the field classNames",
                "{'model':{'classNames':[null],'inputShape':[1,16,16]},'sha256':{}} | model.classNames[0] must not be null",
                "{'model':{'classNames':['a']},'sha256':{}} | model lacks the field inputShape"
            })
    void aManifestThatLacksAFieldIsRefused(String manifest, String complaint) throws IOException {
        Map<String, byte[]> entries = ModelFiles.entries(Files.readAllBytes(file));
        entries.put(ModelArchive.MANIFEST, manifest.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
        ModelFiles.assertRefused(ModelFiles.write(file, entries), "bncnn.json: " + complaint);
    }

    @Test
    void whatIsNoFileIsRefused() throws IOException {
        for (Path none : List.of(folder.resolve("none.zip"), folder)) {
            assertThatThrownBy(() -> ModelFile.load(none))
                    .isInstanceOf(ModelFileException.class)
                    .hasMessageContaining("is not a file");
        }
        ModelFiles.assertRefused(
                Files.writeString(folder.resolve("text"), "hello"), "it is cut short, or is no zip file");
    }

    @Test
    void aFolderThatCannotBeWrittenToIsNamed() {
        assertThatThrownBy(() -> model.save(folder.resolve("none/model.zip"), true))
                .isInstanceOf(UnwritableFileException.class)
                .hasMessageEndingWith("model.zip: cannot be written (NoSuchFileException)");
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void aFolderThatIsReadOnlyIsNamed() {
        // Even root cannot write there.
        assertThatThrownBy(() -> model.save(Path.of("/proc/model.zip"), true))
                .isInstanceOf(UnwritableFileException.class)
                .hasMessageStartingWith("/proc/model.zip: cannot be written (");
    }

    @Test
    void onAFullDiskTheOldModelSurvives() throws IOException {
        Configuration small = Configuration.unix().toBuilder()
                .setBlockSize(1024)
                .setMaxSize(20 * 1024)
                .build();
        try (FileSystem disk = Jimfs.newFileSystem(small)) {
            Path target = Files.writeString(disk.getPath("model.zip"), "old");
            assertThatThrownBy(() -> model.save(target, true))
                    .isInstanceOf(UnwritableFileException.class)
                    .hasMessage("model.zip: cannot be written (out of disk space)");
            assertThat(target).hasContent("old");
            try (Stream<Path> files = Files.list(target.toAbsolutePath().getParent())) {
                assertThat(files).containsExactly(target.toAbsolutePath());
            }
        }
    }

    /** DL4J's own, in a package beside that of the configurations and in a jar beside that of the layers. */
    @Test
    void aPreprocessorOfAKerasImport() throws IOException {
        Map<String, byte[]> entries = ModelFiles.saved(ModelFiles.model(Norm.BUILTIN), file, false);
        entries.remove(ModelArchive.MANIFEST);
        String json = ModelFiles.configuration(entries);
        String keras = "org.deeplearning4j.nn.modelimport.keras.preprocessors.TensorFlowCnnToFeedForwardPreProcessor";
        String changed = json.replace(CnnToFeedForwardPreProcessor.class.getName(), keras);
        assertThat(changed).isNotEqualTo(json);
        ModelFiles.putConfiguration(entries, changed);
        ModelFiles.write(file, entries);
        assertThat(ModelFile.load(file)
                        .network()
                        .getLayerWiseConfigurations()
                        .getInputPreProcess(8)
                        .getClass())
                .hasToString("class " + keras);
    }

    @Test
    void preprocessorsThatPermuteAndReshape() throws IOException {
        MultiLayerConfiguration configuration = new NeuralNetConfiguration.Builder()
                .list(
                        new DenseLayer.Builder().nIn(4).nOut(4).build(),
                        new OutputLayer.Builder().nIn(4).nOut(2).build())
                .inputPreProcessor(
                        1,
                        new ComposableInputPreProcessor(
                                new ReshapePreprocessor(new long[] {4}, new long[] {2, 2}, false),
                                new PermutePreprocessor(2, 1),
                                new ReshapePreprocessor(new long[] {2, 2}, new long[] {4}, false)))
                .build();
        MultiLayerNetwork network = new MultiLayerNetwork(configuration);
        network.init();
        new ModelFile(network, null, null).save(file, false);
        INDArray features = Nd4j.rand(2, 4);
        assertThat(ModelFile.load(file).network().output(features)).isEqualTo(network.output(features));
    }

    @Test
    void inspectionTellsOfEverything() throws IOException {
        ModelInspection found = ModelInspection.of(file);
        assertThat(found.isSafe()).isTrue();
        String text = ModelInspectionText.render(found);
        assertThat(text)
                .contains("coefficients.bin")
                .contains(found.entries().get(0).sha256())
                .contains("org.deeplearning4j.nn.conf.layers.BatchNormalization")
                .contains("HeavyBall(learningRate=0.001, momentum=0.9)")
                .contains("classes        a, b, c, d")
                .contains("dataset        random")
                .contains("Safe to load");
        assertThat(found.layers().stream()
                        .mapToLong(ModelInspection.Layer::parameters)
                        .sum())
                .isEqualTo(network.numParams());
    }

    private static MultiLayerConfiguration dense(DataType type) {
        return new NeuralNetConfiguration.Builder()
                .dataType(type)
                .list()
                .layer(new DenseLayer.Builder().nIn(3).nOut(4).build())
                .layer(new OutputLayer.Builder()
                        .nOut(2)
                        .activation(Activation.SOFTMAX)
                        .build())
                .setInputType(InputType.feedForward(3))
                .build();
    }
}
