package org.bncnn.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.bncnn.model.Norm;
import org.bncnn.model.Recipe;
import org.bncnn.model.ReferenceCnn;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeConvolutional;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

class ModelFileTest {
    private static final INDArray IMAGES =
            Nd4j.rand(DataType.FLOAT, 4, 1, 16, 16).muli(2).subi(1);
    private static final INDArray LABELS = Nd4j.eye(4).castTo(DataType.FLOAT);

    @TempDir
    private Path folder;

    private Path file;
    private MultiLayerNetwork network;

    @BeforeEach
    void saveATrainedNetwork() throws IOException {
        network = ReferenceCnn.initialise(ReferenceCnn.configuration(
                Norm.BUILTIN, (InputTypeConvolutional) InputType.convolutional(16, 16, 1), 4, Recipe.REFERENCE));
        network.fit(new DataSet(IMAGES.dup(), LABELS.dup()));
        file = folder.resolve("model.zip");
        new ModelFile(network, ReferenceCnn.normalizer()).save(file);
    }

    @Test
    void everythingComesBack() throws IOException {
        ModelFile loaded = ModelFile.load(file);
        assertThat(loaded.normalizer()).isEqualTo(ReferenceCnn.normalizer());
        assertThat(loaded.network().getLayerWiseConfigurations()).isEqualTo(network.getLayerWiseConfigurations());
        assertThat(loaded.network().params()).isEqualTo(network.params());
        assertThat(loaded.network().getUpdater().getStateViewArray())
                .isEqualTo(network.getUpdater().getStateViewArray());
        assertThat(loaded.network().output(IMAGES)).isEqualTo(network.output(IMAGES));
    }

    @Test
    void trainingGoesOnAsIfNothingHadHappened() throws IOException {
        MultiLayerNetwork loaded = ModelFile.load(file).network();
        for (MultiLayerNetwork each : new MultiLayerNetwork[] {network, loaded}) {
            each.fit(new DataSet(IMAGES.dup(), LABELS.dup()));
        }
        assertThat(loaded.params()).isEqualTo(network.params());
    }

    @Test
    void dl4jReadsItByItself() throws IOException {
        MultiLayerNetwork loaded = MultiLayerNetwork.load(file.toFile(), true);
        assertThat(loaded.output(IMAGES)).isEqualTo(network.output(IMAGES));
        assertThat((Object) ModelSerializer.restoreNormalizerFromFile(file.toFile()))
                .isEqualTo(ReferenceCnn.normalizer());
    }

    @ParameterizedTest
    @ValueSource(strings = {"preprocessor.bin", "evil.class"})
    void aFileWithAForeignEntryIsRefused(String entry) throws IOException {
        try (FileSystem zip = FileSystems.newFileSystem(URI.create("jar:" + file.toUri()), Map.of())) {
            Files.writeString(zip.getPath(entry), "");
        }
        assertRefused(file, "it holds the entry");
    }

    @Test
    void aFileCutShortIsRefused() throws IOException {
        byte[] whole = Files.readAllBytes(file);
        for (int length : new int[] {0, 10, whole.length / 2, whole.length - 100}) {
            Path cut = Files.write(folder.resolve("cut.zip"), Arrays.copyOf(whole, length));
            assertRefused(cut, "is not a model");
        }
    }

    @Test
    void aModelWithoutANormalizerIsRefused() throws IOException {
        ModelSerializer.writeModel(network, file.toFile(), true);
        assertRefused(file, "it has no normalizer");
    }

    @Test
    void whatIsNoFileIsRefused() throws IOException {
        assertRefused(folder.resolve("none.zip"), "is not a file");
        assertRefused(folder, "is not a file");
        assertRefused(Files.writeString(folder.resolve("text"), "hello"), "is not a model");
    }

    @Test
    void aFolderThatCannotBeWrittenToIsNamed() {
        assertThatThrownBy(
                        () -> new ModelFile(network, ReferenceCnn.normalizer()).save(folder.resolve("none/model.zip")))
                .isInstanceOf(UnwritableFileException.class)
                .hasMessageEndingWith("model.zip: cannot be written (NoSuchFileException)");
    }

    private static void assertRefused(Path file, String complaint) {
        assertThatThrownBy(() -> ModelFile.load(file))
                .isInstanceOf(ModelFileException.class)
                .hasMessageStartingWith(file + ": ")
                .hasMessageContaining(complaint)
                .message()
                .doesNotContain("\n");
    }
}
