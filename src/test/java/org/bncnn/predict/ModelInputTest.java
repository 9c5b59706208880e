package org.bncnn.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bncnn.data.DatasetLocator;
import org.bncnn.data.ImageCases;
import org.bncnn.data.ImageCases.ImageCase;
import org.bncnn.data.ImageDataset;
import org.bncnn.data.ImageFile;
import org.bncnn.data.ImagePreparation;
import org.bncnn.data.ImageSetIterator;
import org.bncnn.data.Inversion;
import org.bncnn.engine.Engine;
import org.bncnn.eval.Evaluator;
import org.bncnn.model.Norm;
import org.bncnn.model.Recipe;
import org.bncnn.model.ReferenceCnn;
import org.bncnn.store.JsonFile;
import org.bncnn.store.ModelDescription;
import org.bncnn.store.ModelFile;
import org.bncnn.store.ModelFileException;
import org.bncnn.train.RunFolder;
import org.bncnn.train.Training;
import org.bncnn.train.TrainingObserver;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.ndarray.INDArray;

class ModelInputTest {
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
        ModelInput input = ModelInput.of(model, run.model(), model.inputShape().orElseThrow(), null);
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
            INDArray features = input.read(file).features();
            if (chosen != Inversion.LIGHT_BORDER) { // which leaves datasets as they are
                assertThat(features).as(file.toString()).isEqualTo(expected);
                INDArray probabilities = model.network().output(features);
                assertThat(probabilities).isEqualTo(model.network().output(expected));
            }
            if (file.startsWith(images.resolve("train")) && !file.endsWith("000.png")) {
                int predicted = model.network().output(features).argMax(1).getInt(0);
                right += predicted == (file.getParent().endsWith("even") ? 0 : 1) ? 1 : 0;
            }
        }
        assertThat(trained.hasNext()).isFalse();

        // The test images are the training images but for the first, in a folder that a model meets for the first time.
        ImageDataset again = DatasetLocator.read(new DatasetLocator.Place("--data", images.toString(), false));
        ImageSetIterator test = ImageSetIterator.ordered(
                again.testFor(ModelInput.inversion(model, run.model()).orElseThrow()), 1);
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
        assertThat(ModelInput.inversion(loaded, model)).isEmpty();
        List<Integer> shape = loaded.inputShape().orElseThrow();
        Path dark = SAMPLE_IMAGES.resolve("0.png");
        assertThat(ModelInput.of(loaded, model, shape, null).read(dark).changes())
                .isEmpty();
        assertThat(ModelInput.of(loaded, model, shape, Inversion.ALWAYS)
                        .read(dark)
                        .changes())
                .containsExactly("inverted");
        assertThat(ImageFile.read(light, 3, 16, 16, Inversion.unrecorded(3)).changes())
                .doesNotContain("inverted");
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
        assertThatThrownBy(() -> ModelInput.of(model, file, model.inputShape().orElseThrow(), Inversion.NEVER))
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
