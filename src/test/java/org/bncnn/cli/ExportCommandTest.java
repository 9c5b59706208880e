package org.bncnn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import onnx.Onnx.ModelProto;
import onnx.Onnx.NodeProto;
import onnx.Onnx.TensorProto.DataType;
import org.bncnn.norm.BatchNorm;
import org.bncnn.store.ModelFile;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LocallyConnected2D;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code export --onnx}: what it writes, and what is said if it cannot. */
class ExportCommandTest {
    private static final String MODEL = "models/reference-custom.zip";

    @TempDir
    private Path folder;

    @Test
    void aModelIsWrittenAsOnnx() throws IOException {
        Path target = folder.resolve("model.onnx");
        Called called = export(MODEL, target, "--onnx");
        assertThat(called.exitCode()).isZero();
        assertThat(called.out())
                .isEqualToNormalizingNewlines(target + String.format(": %,d bytes\n", Files.size(target)));
        assertThat(operators(target)).contains("BatchNormalization");
        assertThat(inputType(target)).isEqualTo(DataType.FLOAT);
    }

    @Test
    void foldedAndForPixels() throws IOException {
        Path target = folder.resolve("model.onnx");
        assertThat(export(MODEL, target, "--onnx", "--fold", "--with-normalizer")
                        .exitCode())
                .isZero();
        assertThat(operators(target)).contains("Cast").doesNotContain("BatchNormalization");
        assertThat(inputType(target)).isEqualTo(DataType.UINT8);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--onnx --portable | Error: --portable, --onnx are mutually exclusive (specify only one)",
                "--onnx --card | --card has no effect with --onnx",
                "--onnx --no-updater | --no-updater has no effect with --onnx, which has no updater",
                "--with-normalizer | --with-normalizer has no effect without --onnx",
                "--portable --input-shape 1,28,28 | --input-shape has no effect without --onnx",
                "--onnx --input-shape 28,28 | --input-shape must be channels, height and width, or one length, each 1 to 65536, not [28, 28]",
            })
    void optionsThatDoNotGoTogetherAreAUsageError(String options, String message) {
        Called called = export(MODEL, folder.resolve("model"), options.split(" "));
        assertThat(called.exitCode()).isEqualTo(2);
        assertThat(called.err()).isEqualToNormalizingNewlines("bncnn: " + message + " (see bncnn export --help)\n");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void aModelThatDoesNotTellTheShapeOfItsInputIsToldIt() throws IOException {
        Path model = saved(new ConvolutionLayer.Builder(2, 2).nOut(2).build());
        Path target = folder.resolve("model.onnx");
        Called called = export(model + "", target, "--onnx");
        assertThat(called.exitCode()).isEqualTo(1);
        assertThat(called.err())
                .isEqualToNormalizingNewlines("bncnn: " + model
                        + ": cannot be written as ONNX: the shape of its input is not known; pass it (--input-shape),"
                        + " such as 1,28,28 for channels, height and width\n");
        assertThat(target).doesNotExist();
        assertThat(export(model + "", target, "--onnx", "--input-shape", "1,5,5")
                        .exitCode())
                .isZero();
        assertThat(operators(target)).containsExactly("Conv", "Sigmoid", "Flatten", "Gemm", "Softmax");
    }

    @Test
    void aLayerThatOnnxHasNotIsNamedAndNothingIsWritten() throws IOException {
        Path model = saved(new LocallyConnected2D.Builder()
                .name("local")
                .nOut(2)
                .kernelSize(2, 2)
                .build());
        Called called = export(model + "", folder.resolve("model.onnx"), "--onnx", "--input-shape", "1,5,5");
        assertThat(called.exitCode()).isEqualTo(1);
        assertThat(called.err())
                .isEqualToNormalizingNewlines("bncnn: " + model
                        + ": cannot be written as ONNX: layer 0 (local, LocallyConnected2D): it is none of those that are"
                        + " exported: convolution, dense, pooling, global pooling, batch normalization, activation, dropout,"
                        + " output and loss layers\n");
        assertThat(folder).isDirectoryNotContaining("glob:**.onnx*");
    }

    @ParameterizedTest
    @CsvSource({"--portable, made portable", "--fold, folded"})
    void aLockedGammaThatTheBuiltInLayerIgnoresIsTold(String option, String what) throws IOException {
        Path model = saved(
                new BatchNorm.Builder().name("bn").lockGammaBeta(true).gamma(2).build());
        Called called = export(model + "", folder.resolve("other.zip"), option);
        assertThat(called.exitCode()).isEqualTo(1);
        assertThat(called.err())
                .isEqualToNormalizingNewlines("bncnn: " + model + ": cannot be " + what
                        + ": The built-in layer ignores γ locked to 2.0 and β to 0.0 (layer bn)\n");
        assertThat(folder).isDirectoryNotContaining("glob:**other*");
    }

    @Test
    void aFolderThatIsNotThereIsNamed() {
        Path target = folder.resolve("none/model.onnx");
        Called called = export(MODEL, target, "--onnx");
        assertThat(called.exitCode()).isEqualTo(2);
        assertThat(called.err().lines())
                .singleElement()
                .asString()
                .contains("'--out': there is no folder " + target.getParent());
    }

    /** A model as DL4J leaves it, which tells nothing of its images. */
    private Path saved(Layer first) throws IOException {
        MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .list()
                .layer(first)
                .layer(new OutputLayer.Builder().nOut(3).build())
                .setInputType(InputType.convolutional(5, 5, 1))
                .build());
        network.init();
        Path model = folder.resolve("model.zip");
        new ModelFile(network, null, null).save(model, false);
        return model;
    }

    private static Called export(String model, Path target, String... options) {
        return Called.of(Stream.concat(Stream.of("export", model, "--out", target + ""), Stream.of(options))
                .toArray(String[]::new));
    }

    private static List<String> operators(Path file) throws IOException {
        return ModelProto.parseFrom(Files.readAllBytes(file)).getGraph().getNodeList().stream()
                .map(NodeProto::getOpType)
                .toList();
    }

    private static DataType inputType(Path file) throws IOException {
        return DataType.forNumber(ModelProto.parseFrom(Files.readAllBytes(file))
                .getGraph()
                .getInput(0)
                .getType()
                .getTensorType()
                .getElemType());
    }
}
