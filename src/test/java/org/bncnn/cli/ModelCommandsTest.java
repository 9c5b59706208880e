package org.bncnn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.bncnn.predict.Classifier;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What is done with a model after its training: {@code inspect}, {@code export}, {@code predict}; and {@code train
 * --resume}.
 */
class ModelCommandsTest {
    @TempDir
    private static Path folder;

    private static Path run;
    private static Path model;

    @BeforeAll
    static void train() {
        run = folder.resolve("run");
        model = run.resolve("model.zip");
        Called called = Called.of("train --norm custom --data sample --epochs 1 --out %s"
                .formatted(run)
                .split(" "));
        assertThat(called.exitCode()).isZero();
    }

    @Test
    void aModelIsInspected() throws IOException {
        Path json = folder.resolve("inspection.json");
        Called called = Called.of("inspect", model + "", "--json", json + "");
        assertThat(called.exitCode()).isZero();
        assertThat(called.out())
                .contains("bn1                   64  org.bncnn.norm.BatchNorm", "norm           custom", "Ankle boot")
                .contains("image files    decoder 1, background white, colours bgr, inverted light-border")
                .endsWith("Safe to load, with this program's jar on the class path for org.bncnn.model.HeavyBall,"
                        + " org.bncnn.norm.BatchNorm\n");
        JsonNode result = new ObjectMapper().readTree(json.toFile());
        assertThat(result.get("refusal").isNull()).isTrue();
        assertThat(result.get("entries")).hasSize(5);
    }

    @Test
    void whatIsNotSafeIsToldAndFails() throws IOException {
        Path text = Files.writeString(folder.resolve("text.zip"), "hello");
        Called called = Called.of("inspect", text + "");
        assertThat(called.exitCode()).isEqualTo(1);
        assertThat(called.out()).contains(text + ": is refused as a model: it is cut short, or is no zip file");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "--fold", "--no-updater"})
    void anExportedModelMeasuresTheSame(String option) {
        Path portable = folder.resolve("portable" + option + ".zip");
        assertThat(Called.of("export %s --portable --out %s %s"
                                .formatted(model, portable, option)
                                .strip()
                                .split(" "))
                        .exitCode())
                .isZero();
        assertThat(Called.of("inspect", portable + "").out()).endsWith("Safe to load, with DL4J alone.\n");
        assertThat(Called.of("evaluate", portable + "", "--data", "sample").out())
                .isEqualTo(Called.of("evaluate", model + "", "--data", "sample").out());
    }

    @Test
    void theRatesOfAllEpochsAreNotShown() {
        assertThat(Called.of("inspect", "models/best.zip").out())
                .contains("Nesterovs(learningRate=0.1, learningRateSchedule=MapSchedule(scheduleType=EPOCH, values={…},"
                        + " allKeysSorted=[…]), momentum=0.9, ");
    }

    @Test
    void aCardTellsOfTheModel() throws IOException {
        Path exported = folder.resolve("card.zip");
        Called called = Called.of("export", model + "", "--no-updater", "--card", "--out", exported + "");
        assertThat(called.exitCode()).isZero();
        String measured = Called.of("evaluate", model + "", "--data", "sample").out();
        assertThat(folder.resolve("card.md"))
                .content()
                .startsWith("# card.zip\n")
                .contains(
                        "| accuracy | "
                                + measured.lines().findFirst().orElseThrow().replace("Accuracy on test set: ", ""),
                        "| T-shirt/top |",
                        "for org.bncnn.model.HeavyBall, org.bncnn.norm.BatchNorm |",
                        "./bncnn train --norm custom --engine onednn --recipe reference --epochs 1 --out run",
                        "./bncnn export run/model.zip --no-updater --card --out card.zip")
                .doesNotContain("&#");
    }

    @Test
    void anExportDoesNotOverwrite() {
        Called called = Called.of("export", model + "", "--portable", "--out", model + "");
        assertThat(called.exitCode()).isEqualTo(1);
        assertThat(called.err())
                .isEqualToNormalizingNewlines(
                        "bncnn: " + model + ": is there already; name another file or add --force\n");
    }

    @Test
    void imagesAreClassifiedAndABadOneDoesNotStopTheOthers() throws IOException {
        Path black = image("black.png", 28, 0);
        Path white = image("white.jpg", 100, 0xFFFFFF);
        Path none = folder.resolve("none.png");
        Path json = folder.resolve("predictions.json");
        Called called = Called.of("predict %s %s %s %s --top 2 --json %s"
                .formatted(model, black, none, white, json)
                .split(" "));
        assertThat(called.exitCode()).isEqualTo(1);
        assertThat(called.err()).isEqualToNormalizingNewlines("bncnn: " + none + ": is not a file; name an image\n");
        assertThat(called.out().lines())
                .satisfiesExactly(
                        line -> assertThat(line).matches(black + ": [\\w/ -]+ \\d+\\.\\d %, [\\w/ -]+ \\d+\\.\\d %"),
                        line -> assertThat(line)
                                .startsWith(white + ": ")
                                .endsWith("  (scaled from 100×100, inverted)"));
        JsonNode result = new ObjectMapper().readTree(json.toFile());
        assertThat(result).hasSize(3);
        // What is inverted to black is black.
        assertThat(result.get(0).get("classes"))
                .isEqualTo(result.get(2).get("classes"))
                .hasSize(2);
        assertThat(result.get(1).get("error").asText()).contains("none.png");
        try (Classifier classifier = Classifier.load(model)) {
            assertThat(result.get(2).get("classes"))
                    .isEqualTo(new ObjectMapper()
                            .valueToTree(classifier.classify(white).top(2)));
        }
    }

    @Test
    void aFinishedTrainingHasNothingToGoOnWith() throws IOException {
        byte[] before = Files.readAllBytes(run.resolve("metrics.jsonl"));
        Called called = Called.of("train", "--resume", run + "");
        assertThat(called.exitCode()).isZero();
        assertThat(called.out().lines()).first().asString().startsWith("Accuracy on test set: ");
        assertThat(run.resolve("metrics.jsonl")).hasBinaryContent(before);
    }

    @Test
    void whereNoTrainingIsNoneGoesOn() throws IOException {
        Called called = Called.of("train", "--resume", folder + "");
        assertThat(called.exitCode()).isEqualTo(1);
        assertThat(called.err()).contains(folder + ": holds no training that could go on");
        Path damaged = Files.createDirectory(folder.resolve("damaged"));
        for (String content : List.of("{\"norm\":", "{}", "{\"norm\":\"custom\"}", "[]")) {
            Files.writeString(damaged.resolve("training.json"), content);
            Called broken = Called.of("train", "--resume", damaged + "");
            assertThat(broken.exitCode()).isEqualTo(1);
            assertThat(broken.err().lines())
                    .singleElement()
                    .asString()
                    .matches("bncnn: .*/training\\.json: (is not JSON: |.* must be |must be ).*");
        }
    }

    private static Path image(String name, int side, int color) throws IOException {
        BufferedImage image = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < side; y++) {
            for (int x = 0; x < side; x++) {
                image.setRGB(x, y, color);
            }
        }
        Path file = folder.resolve(name);
        assertThat(ImageIO.write(image, name.substring(name.indexOf('.') + 1), file.toFile()))
                .isTrue();
        return file;
    }
}
