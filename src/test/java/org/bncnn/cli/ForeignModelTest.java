package org.bncnn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.bncnn.data.DatasetException;
import org.bncnn.data.DatasetLocator;
import org.bncnn.data.ImageSet;
import org.bncnn.data.ImageSetIterator;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.AutoEncoder;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.evaluation.classification.Evaluation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.preprocessor.ImagePreProcessingScaler;
import org.nd4j.linalg.dataset.api.preprocessor.NormalizerStandardize;

/** Models of other DL4J applications, whose files hold no description of their images. */
class ForeignModelTest {
    private static ImageSet test;

    @TempDir
    private Path folder;

    @BeforeAll
    static void loadTheSample() throws DatasetException {
        test = DatasetLocator.sample().test();
    }

    private static Stream<Arguments> networks() {
        return Stream.of(
                Arguments.of(
                        "dense",
                        network(null, new DenseLayer.Builder().nIn(784).nOut(8).build())),
                Arguments.of("output", network(null)),
                Arguments.of(
                        "autoencoder",
                        network(null, new AutoEncoder.Builder().nIn(784).nOut(8).build())),
                Arguments.of(
                        "flat",
                        network(
                                InputType.convolutionalFlat(28, 28, 1),
                                new ConvolutionLayer.Builder(5, 5).nOut(2).build())),
                Arguments.of(
                        "images",
                        network(
                                InputType.convolutional(28, 28, 1),
                                new ConvolutionLayer.Builder(5, 5).nOut(2).build())));
    }

    @ParameterizedTest
    @MethodSource("networks")
    void isEvaluatedAsDl4jEvaluatesIt(String name, MultiLayerNetwork network) throws IOException {
        boolean vectors = !name.equals("images");
        Path model = folder.resolve("model.zip");
        ModelSerializer.writeModel(network, model.toFile(), false);
        ImagePreProcessingScaler scaler = new ImagePreProcessingScaler(0, 1);
        ModelSerializer.addNormalizerToModel(model.toFile(), scaler);
        String expected = accuracy(network, images -> {
            scaler.transform(images);
            return vectors ? images.reshape(images.size(0), 784) : images;
        });
        Called called = Called.of("evaluate", model + "", "--data", "sample");
        assertThat(called.exitCode()).as(called.err()).isZero();
        assertThat(called.out()).startsWith("Accuracy on test set: " + expected);
        assertThat(called.err().lines()).singleElement().asString().startsWith("a sample of Fashion-MNIST");
    }

    @Test
    void vectorsAreNormalizedAsVectors() throws IOException {
        MultiLayerNetwork network = network(null);
        Path model = folder.resolve("model.zip");
        ModelSerializer.writeModel(network, model.toFile(), false);
        NormalizerStandardize standardize = new NormalizerStandardize();
        DataSet all = ImageSetIterator.ordered(test, test.size()).next();
        standardize.fit(new DataSet(all.getFeatures().reshape(test.size(), 784), all.getLabels()));
        ModelSerializer.addNormalizerToModel(model.toFile(), standardize);
        String expected = accuracy(network, images -> {
            INDArray vectors = images.reshape(images.size(0), 784);
            standardize.transform(vectors);
            return vectors;
        });
        assertThat(Called.of("evaluate", model + "", "--data", "sample").out())
                .startsWith("Accuracy on test set: " + expected);
    }

    @Test
    void imagesOfAnotherSizeAreNamedInOneLine() throws IOException {
        Path model =
                saved(network(null, new DenseLayer.Builder().nIn(500).nOut(8).build()));
        Called called = Called.of("evaluate", model + "", "--data", "sample");
        assertThat(called.exitCode()).isEqualTo(1);
        assertThat(called.err())
                .endsWith(": does not fit the model " + model
                        + " (images of 1×28×28 have 784 values, the network takes 500)\n");
        Called predicted = Called.of("predict", model + "", image() + "", "--input-shape", "1,28,28");
        assertThat(predicted.exitCode()).isEqualTo(1);
        assertThat(predicted.err())
                .endsWith(
                        "bncnn: " + model + ": does not take images of 1×28×28 (images of 1×28×28 have 784 values, the"
                                + " network takes 500)\n");
    }

    @Test
    void whatHasNoNormalizerIsTold() throws IOException {
        Path model = saved(network(null));
        String line = "bncnn: " + model + ": has no normalizer; pixels go in as they are, 0 to 255";
        assertThat(Called.of("evaluate", model + "", "--data", "sample").err().lines())
                .contains(line);
        assertThat(Called.of("predict", model + "", image() + "", "--input-shape", "1,28,28")
                        .err()
                        .lines())
                .containsExactly(line);
    }

    @Test
    void theSizeOfImagesIsThatOfThePreprocessor() throws IOException {
        Path model = saved(network(
                InputType.convolutionalFlat(28, 28, 1),
                new ConvolutionLayer.Builder(5, 5).nOut(2).build()));
        Path image = image();
        Called called = Called.of("predict", model + "", image + "", "--top", "2");
        assertThat(called.exitCode()).as(called.err()).isZero();
        assertThat(called.out()).matches(image + ": class \\d \\d+\\.\\d %, class \\d \\d+\\.\\d %.*\\n");
        assertThat(Called.of("inspect", model + "").out())
                .contains("input          [1, 28, 28] (channels, height, width)\n", "the file does not name them");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aSizeThatIsNotKnownIsAskedFor(boolean convolution) throws IOException {
        Path model = saved(
                convolution
                        ? network(
                                InputType.convolutional(28, 28, 1),
                                new ConvolutionLayer.Builder(5, 5).nOut(2).build(),
                                new GlobalPoolingLayer())
                        : network(null));
        Called called = Called.of("predict", model + "", image() + "");
        assertThat(called.exitCode()).isEqualTo(1);
        assertThat(called.err())
                .isEqualTo(
                        "bncnn: " + model + ": does not say how large its images are; name it (--input-shape), such as"
                                + " 1,28,28 for channels, height and width\n");
        assertThat(Called.of("inspect", model + "").out()).contains("the file does not say how large the images are");
        assertThat(Called.of("predict", model + "", image() + "", "--input-shape", "1,28,28")
                        .exitCode())
                .isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"28,28", "1,28,0"})
    void aSizeIsThreeNumbers(String shape) {
        Called called = Called.of("predict", "none.zip", "none.png", "--input-shape", shape);
        assertThat(called.exitCode()).isEqualTo(2);
        assertThat(called.err()).contains("--input-shape must be channels, height and width, each 1 to 65536, not [");
    }

    private static MultiLayerNetwork network(InputType input, Layer... layers) {
        NeuralNetConfiguration.ListBuilder list =
                new NeuralNetConfiguration.Builder().seed(1).list();
        List.of(layers).forEach(list::layer);
        list.layer(new OutputLayer.Builder()
                .nIn(layers.length == 0 ? 784 : 8)
                .nOut(10)
                .build());
        if (input != null) {
            list.setInputType(input);
        }
        MultiLayerNetwork network = new MultiLayerNetwork(list.build());
        network.init();
        return network;
    }

    private Path saved(MultiLayerNetwork network) throws IOException {
        Path model = folder.resolve("model.zip");
        ModelSerializer.writeModel(network, model.toFile(), false);
        return model;
    }

    private static String accuracy(MultiLayerNetwork network, UnaryOperator<INDArray> features) {
        Evaluation evaluation = new Evaluation(10);
        DataSet all = ImageSetIterator.ordered(test, test.size()).next();
        evaluation.eval(all.getLabels(), network.output(features.apply(all.getFeatures())));
        return String.format(Locale.ROOT, "%.2f %%\n", 100 * evaluation.accuracy());
    }

    private Path image() throws IOException {
        Path file = folder.resolve("image.png");
        ImageIO.write(new BufferedImage(28, 28, BufferedImage.TYPE_BYTE_GRAY), "png", file.toFile());
        return file;
    }
}
