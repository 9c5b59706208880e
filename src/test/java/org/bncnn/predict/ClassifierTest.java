package org.bncnn.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.bncnn.data.DatasetException;
import org.bncnn.data.DatasetLocator;
import org.bncnn.data.ImageCases;
import org.bncnn.data.ImageCases.ImageCase;
import org.bncnn.data.ImageDataset;
import org.bncnn.data.ImagePreparation;
import org.bncnn.data.ImageSet;
import org.bncnn.data.ImageSet.Shape;
import org.bncnn.data.ImageSetIterator;
import org.bncnn.data.Inversion;
import org.bncnn.data.PreparedImage;
import org.bncnn.engine.Engine;
import org.bncnn.eval.Evaluator;
import org.bncnn.model.Norm;
import org.bncnn.model.Recipe;
import org.bncnn.model.ReferenceCnn;
import org.bncnn.predict.Classifier.Options;
import org.bncnn.store.JsonFile;
import org.bncnn.store.ModelDescription;
import org.bncnn.store.ModelFile;
import org.bncnn.store.ModelFileException;
import org.bncnn.train.RunFolder;
import org.bncnn.train.Training;
import org.bncnn.train.TrainingObserver;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.CnnLossLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.LossFunctions;

class ClassifierTest {
    private static final Options DL4J = new Options(null, null, Engine.DL4J);
    private static final Path SAMPLE_IMAGES = Path.of("src/it/images");

    @TempDir
    private Path folder;

    /** Every kind of image file, trained on, evaluated and predicted: the very same pixels and probabilities. */
    @ParameterizedTest
    @EnumSource
    void whatIsPredictedIsWhatWasTrainedOn(Inversion chosen) throws IOException {
        check(chosen, true, "grey");
        check(chosen, false, "coloured");
    }

    private void check(Inversion chosen, boolean grey, String name) throws IOException {
        List<ImageCase> cases = ImageCases.all();
        Path images = Files.createDirectory(folder.resolve(name));
        List<Path> files = new ArrayList<>();
        for (String set : new String[] {"train", "test"}) {
            for (int i = 0; i < cases.size(); i++) {
                Path file = images.resolve("%s/%s/%03d.png".formatted(set, i % 2 == 0 ? "even" : "odd", i + 1));
                Files.createDirectories(file.getParent());
                Files.write(file, cases.get(i).file());
            }
        }
        // The first decides the shape.
        ImageCase shape = cases.stream()
                .filter(each -> each.grey() == grey && each.height() == 16 && each.width() == 24)
                .findFirst()
                .orElseThrow();
        Files.write(images.resolve("train/even/000.png"), shape.file());
        ImageDataset data = DatasetLocator.read(new DatasetLocator.Place("--data", images.toString(), false))
                .with(chosen);
        assertThat(data.train().channels()).isEqualTo(grey ? 1 : 3);

        RunFolder run = new RunFolder(Files.createDirectory(folder.resolve("run" + name)));
        Recipe recipe = Recipe.REFERENCE.withEpochs(1).withBatchSize(20);
        new Training(Norm.BUILTIN, recipe, data, Engine.DL4J).run(run, new TrainingObserver() {}, () -> false);
        ModelFile model = ModelFile.load(run.model());
        Inversion inversion = Classifier.inversion(model, run.model()).orElseThrow();
        Classifier classifier = Classifier.of(model, run.model(), DL4J);
        for (String label : new String[] {"even", "odd"}) {
            try (var list = Files.list(images.resolve("train").resolve(label))) {
                list.sorted().forEach(files::add);
            }
        }
        ImageSetIterator trained = ImageSetIterator.ordered(data.train(), 1);
        trained.setPreProcessor(model.normalizer());
        int right = 0;
        for (Path file : files) {
            INDArray expected = trained.next().getFeatures();
            INDArray features =
                    features(model, PreparedImage.of(file, data.train().shape(), inversion));
            Prediction prediction = classifier.classify(file);
            assertThat(probabilities(prediction, model))
                    .isEqualTo(model.network().output(features).toFloatVector());
            if (chosen != Inversion.LIGHT_BORDER) { // which leaves datasets as they are
                assertThat(features).as(file.toString()).isEqualTo(expected);
                assertThat(probabilities(prediction, model))
                        .isEqualTo(model.network().output(expected).toFloatVector());
            }
            if (file.startsWith(images.resolve("train")) && !file.endsWith("000.png")) {
                right += file.getParent().endsWith(prediction.best().name()) ? 1 : 0;
            }
        }
        assertThat(trained.hasNext()).isFalse();

        // The test images are the training images but for the first, in a folder that a model meets for the first time.
        ImageDataset again = DatasetLocator.read(new DatasetLocator.Place("--data", images.toString(), false));
        ImageSetIterator test = ImageSetIterator.ordered(again.testFor(inversion), 1);
        test.setPreProcessor(model.normalizer());
        assertThat(Evaluator.evaluate(model.network(), test).accuracy()).isEqualTo((double) right / cases.size());
    }

    @Test
    void aModelThatDoesNotSayInvertsGreyImagesWithALightBorderOnly() throws IOException {
        Path light = folder.resolve("light.png");
        Files.write(
                light,
                ImageCases.all().stream()
                        .filter(each -> each.name().equals("BMP of greys"))
                        .findFirst()
                        .orElseThrow()
                        .file());
        Path model = Path.of("models/reference-builtin.zip");
        ModelFile loaded = ModelFile.load(model);
        assertThat(loaded.description().preparation()).isNull();
        assertThat(Classifier.inversion(loaded, model)).isEmpty();
        Path dark = SAMPLE_IMAGES.resolve("0.png");
        assertThat(Classifier.load(model).classify(dark).changes()).isEmpty();
        assertThat(Classifier.of(loaded, model, new Options(null, Inversion.ALWAYS, Engine.DL4J))
                        .classify(dark)
                        .changes())
                .containsExactly("inverted");
        assertThat(PreparedImage.of(light, new Shape(3, 16, 16), Inversion.unrecorded(3))
                        .changes())
                .doesNotContain("inverted");
    }

    private static INDArray features(ModelFile model, PreparedImage image) {
        float[] pixels = new float[image.pixels().length];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = image.pixels()[i] & 0xff;
        }
        List<Integer> shape = model.inputShape().orElseThrow();
        return model.features(Nd4j.create(pixels, new long[] {1, shape.get(0), shape.get(1), shape.get(2)}, 'c'));
    }

    /** {@return the probabilities in the order of the network's outputs} */
    private static float[] probabilities(Prediction prediction, ModelFile model) {
        List<String> names = model.description().classNames();
        float[] probabilities = new float[names.size()];
        assertThat(prediction.classes()).hasSameSizeAs(names);
        prediction.classes().forEach(each -> probabilities[names.indexOf(each.name())] = (float) each.probability());
        return probabilities;
    }

    /**
     * The test images as an array, in batches as {@code evaluate} makes them, on the engine: the very same
     * probabilities.
     */
    @ParameterizedTest
    @ValueSource(strings = {"reference-none", "reference-custom", "reference-custom-portable"})
    void arraysOfPixelsAreClassifiedAsTheyAreEvaluated(String name) throws IOException {
        Path file = Path.of("models/" + name + ".zip");
        ModelFile model = ModelFile.load(file);
        ImageSet images = DatasetLocator.sample().test();
        MultiLayerNetwork network = Engine.ONEDNN.apply(model.network());
        int right = 0;
        // The dataset's own images stay as they are.
        try (Classifier classifier = Classifier.of(model, file, new Options(null, Inversion.NEVER, Engine.ONEDNN))) {
            ImageSetIterator batches = ImageSetIterator.ordered(images, 250);
            while (batches.hasNext()) {
                DataSet batch = batches.next();
                INDArray raw = batch.getFeatures().dup();
                List<Prediction> predictions = classifier.classify(raw);
                assertThat(raw).as("left as it is").isEqualTo(batch.getFeatures());
                assertThat(classifier.classify(raw.castTo(DataType.UINT8))).isEqualTo(predictions);
                assertThat(classifier.classify(raw.dup('f'))).isEqualTo(predictions);
                INDArray expected = network.output(model.features(batch.getFeatures()));
                for (int i = 0; i < predictions.size(); i++) {
                    assertThat(probabilities(predictions.get(i), model))
                            .isEqualTo(expected.getRow(i).toFloatVector());
                    int label = batch.getLabels().getRow(i).argMax().getInt(0);
                    right += predictions
                                    .get(i)
                                    .best()
                                    .name()
                                    .equals(images.classNames().get(label))
                            ? 1
                            : 0;
                }
            }
        }
        ImageSetIterator test = ImageSetIterator.ordered(images, 250);
        test.setPreProcessor(batch -> batch.setFeatures(model.features(batch.getFeatures())));
        assertThat(Evaluator.evaluate(network, test).accuracy()).isEqualTo((double) right / images.size());
    }

    @Test
    void filesImagesAndArraysOfTheSamePixelsGetTheSameProbabilities() throws IOException {
        try (Classifier classifier = Classifier.load(Path.of("models/best.zip"))) {
            List<Prediction> one = new ArrayList<>();
            for (Path file : sampleImages()) {
                Prediction expected = classifier.classify(file);
                BufferedImage image = ImageIO.read(file.toFile());
                assertThat(classifier.classify(image)).isEqualTo(expected);
                INDArray pixels = Nd4j.createFromArray(image.getRaster().getPixels(0, 0, 28, 28, (float[]) null))
                        .reshape(1, 1, 28, 28);
                assertThat(classifier.classify(pixels)).containsExactly(expected);
                one.add(expected);
            }
            List<Prediction> batch = classifier.classify(sampleImages());
            assertThat(batch).hasSameSizeAs(one);
            for (int i = 0; i < batch.size(); i++) {
                assertThat(batch.get(i).best().name())
                        .isEqualTo(one.get(i).best().name());
                assertThat(batch.get(i).best().probability())
                        .isCloseTo(one.get(i).best().probability(), within(1e-5));
                assertThat(batch.get(i).top(3)).isEqualTo(batch.get(i).classes().subList(0, 3));
                assertThat(batch.get(i).top(99)).hasSize(10);
            }
            assertThat(classifier.classify(List.<Path>of())).isEmpty();
            assertThat(classifier.classNames()).contains("Ankle boot");
        }
    }

    @ParameterizedTest
    @EnumSource
    void eightThreadsMayShareIt(Engine engine) throws Exception {
        Path file = Path.of("models/reference-custom.zip");
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try (Classifier classifier = Classifier.of(ModelFile.load(file), file, new Options(null, null, engine))) {
            List<Prediction> expected = new ArrayList<>();
            for (Path image : sampleImages()) {
                expected.add(classifier.classify(image));
            }
            List<Future<List<Prediction>>> all = new ArrayList<>();
            for (int thread = 0; thread < 8; thread++) {
                int first = thread;
                all.add(threads.submit(() -> {
                    Prediction[] found = new Prediction[10];
                    for (int i = 0; i < 30; i++) {
                        int image = (first + i) % found.length;
                        found[image] = classifier.classify(sampleImages().get(image));
                    }
                    return List.of(found);
                }));
            }
            for (Future<List<Prediction>> each : all) {
                assertThat(each.get()).isEqualTo(expected);
            }
        } finally {
            threads.shutdown();
        }
    }

    @Test
    void badInputIsRefusedInOneLine() throws IOException {
        Classifier classifier = Classifier.load(Path.of("models/reference-custom.zip"));
        assertThatThrownBy(() -> classifier.classify(Nd4j.zeros(2, 1, 28, 27)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("pixels must be N images of 1×28×28, not [2, 1, 28, 27]");
        assertThatThrownBy(() -> classifier.classify(Nd4j.zeros(1, 28, 28)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("pixels must be N images of 1×28×28, not [1, 28, 28]");
        for (double value : new double[] {0.5, -1, 256, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertThatThrownBy(() -> classifier.classify(Nd4j.valueArrayOf(new long[] {1, 1, 28, 28}, value)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("pixels must be whole numbers 0 to 255, not " + (float) value
                            + "; the classifier normalizes them itself");
        }
        Path none = folder.resolve("none.png");
        assertThatThrownBy(() -> classifier.classify(List.of(SAMPLE_IMAGES.resolve("0.png"), none)))
                .isInstanceOf(DatasetException.class)
                .hasMessage(none + ": is not a file; name an image");
        for (List<Integer> shape : List.of(List.of(28, 28), List.of(1, 28, 0), List.of(1, 28, 1 << 20))) {
            assertThatThrownBy(() -> new Options(shape, null, Engine.DL4J))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("input shape must be channels, height and width, each 1 to 65536, not " + shape);
        }
        classifier.close();
        classifier.close();
        assertThatThrownBy(() -> classifier.classify(SAMPLE_IMAGES.resolve("0.png")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("the classifier is closed");
    }

    @Test
    void theModelOutlivesItsClassifier() throws IOException {
        Path file = Path.of("models/reference-none.zip");
        ModelFile model = ModelFile.load(file);
        for (Engine engine : Engine.values()) {
            Classifier classifier = Classifier.of(model, file, new Options(null, null, engine));
            Prediction prediction = classifier.classify(SAMPLE_IMAGES.resolve("3.png"));
            classifier.close();
            try (Classifier again = Classifier.of(model, file, new Options(null, null, engine))) {
                assertThat(again.classify(SAMPLE_IMAGES.resolve("3.png"))).isEqualTo(prediction);
            }
        }
    }

    /** As other DL4J applications write them. */
    @Test
    void aModelWithoutDescriptionNamesItsClassesByNumber() throws IOException {
        Path flat = saved(InputType.convolutionalFlat(28, 28, 1));
        try (Classifier classifier = Classifier.load(flat)) {
            assertThat(classifier.classNames()).startsWith("class 0", "class 1").hasSize(10);
            assertThat(classifier
                            .classify(SAMPLE_IMAGES.resolve("0.png"))
                            .best()
                            .name())
                    .matches("class \\d");
        }
        Path sizeless = saved(InputType.convolutional(28, 28, 1));
        assertThatThrownBy(() -> Classifier.load(sizeless))
                .isInstanceOf(ModelFileException.class)
                .hasMessage(
                        sizeless + ": does not say how large its images are; name it (--input-shape), such as 1,28,28"
                                + " for channels, height and width");
        ModelFile model = ModelFile.load(sizeless);
        try (Classifier classifier =
                Classifier.of(model, sizeless, new Options(List.of(1, 28, 28), null, Engine.ONEDNN))) {
            assertThat(classifier.classify(SAMPLE_IMAGES.resolve("0.png")).classes())
                    .hasSize(10);
        }
        assertThatThrownBy(() -> Classifier.of(model, sizeless, new Options(List.of(3, 28, 28), null, Engine.ONEDNN)))
                .isInstanceOf(ModelFileException.class)
                .hasMessageStartingWith(sizeless + ": does not take images of 3×28×28 (");
        assertThatThrownBy(() ->
                        Classifier.of(model, sizeless, new Options(List.of(3, 65536, 65536), null, Engine.ONEDNN)))
                .isInstanceOf(ModelFileException.class)
                .hasMessage(sizeless + ": images of 3×65536×65536 do not fit into memory");
    }

    @Test
    void aModelThatDoesNotClassifyIsRefused() throws IOException {
        MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .list()
                .layer(new CnnLossLayer.Builder()
                        .activation(Activation.SIGMOID)
                        .lossFunction(LossFunctions.LossFunction.XENT)
                        .build())
                .setInputType(InputType.convolutional(28, 28, 1))
                .build());
        network.init();
        assertThatThrownBy(() -> Classifier.of(
                        new ModelFile(network, null, null),
                        Path.of("m.zip"),
                        new Options(List.of(1, 28, 28), null, Engine.DL4J)))
                .isInstanceOf(ModelFileException.class)
                .hasMessage(
                        "m.zip: gives an output of shape [1, 1, 28, 28], not a probability for each of its classes");
    }

    private Path saved(InputType input) throws IOException {
        MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(1)
                .list()
                .layer(new ConvolutionLayer.Builder(5, 5).nOut(2).build())
                .layer(new OutputLayer.Builder().nOut(10).build())
                .setInputType(input)
                .build());
        network.init();
        Path file = folder.resolve("model.zip");
        ModelSerializer.writeModel(network, file.toFile(), false);
        return file;
    }

    private static List<Path> sampleImages() {
        return IntStream.range(0, 10)
                .mapToObj(i -> SAMPLE_IMAGES.resolve(i + ".png"))
                .toList();
    }

    @Test
    void modelsWhoseImagesCannotBeMadeAreRefused() {
        Path file = Path.of("m.zip");
        assertRefused(file, model(List.of(2, 16, 16), null), "takes images of 2 channels; image files have 1 or 3");
        for (Object unknown : new Object[] {
            new ImagePreparation(2, "white", "bgr", Inversion.NEVER),
            new ImagePreparation(1, "black", "bgr", Inversion.NEVER),
            new ImagePreparation(1, "white", "bgr", null),
            Map.of("decoder", 1, "background", "white", "colours", "bgr", "inverted", "sometimes"),
            Map.of("decoder", 1, "cropped", true),
            List.of(),
            "prepared"
        }) {
            assertRefused(
                    file, model(List.of(1, 16, 16), unknown), "prepared in a way that this version does not know");
        }
    }

    private static void assertRefused(Path file, ModelFile model, String reason) {
        assertThatThrownBy(() -> Classifier.of(model, file, new Options(null, Inversion.NEVER, Engine.DL4J)))
                .isInstanceOf(ModelFileException.class)
                .hasMessageStartingWith(file + ": ")
                .hasMessageContaining(reason);
    }

    private static ModelFile model(List<Integer> shape, Object preparation) {
        return new ModelFile(
                null,
                ReferenceCnn.normalizer(),
                new ModelDescription(
                        List.of("a", "b"),
                        shape,
                        preparation == null ? null : JsonFile.tree(preparation),
                        null,
                        null,
                        null));
    }
}
