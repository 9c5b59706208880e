package org.bncnn.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.awt.image.BufferedImage;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code bncnn data}, and what other commands do with datasets as people have them. */
class DatasetCommandsTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--out DIR                        | --out has no effect without --shard",
                "--shard 2 --out DIR --verify     | --verify has no effect with --shard",
                "--shard 2 --out DIR --fetch      | --fetch has no effect with --shard",
                "--shard 2 --out DIR --json J     | --json has no effect with --shard",
                "--fetch --data sample            | --fetch fetches Fashion-MNIST, but --data or BNCNN_DATA names another dataset;"
                        + " drop one of them",
            })
    void anOptionWithoutEffectIsRefused(String options, String complaint) {
        Called called = Called.of(("data " + options.replace("DIR", folder + "/shards")).split(" "));
        assertThat(called.exitCode()).isEqualTo(2);
        assertThat(called.out()).isEmpty();
        assertThat(called.err()).isEqualTo("bncnn: " + complaint + " (see bncnn data --help)" + System.lineSeparator());
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void aPlaceWithoutADatasetIsAFailure() {
        Called nowhere = Called.of("data", "--data", folder.resolve("none").toString());
        assertThat(nowhere.exitCode()).isEqualTo(1);
        assertThat(nowhere.out()).isEmpty();
        assertThat(nowhere.err())
                .isEqualTo("bncnn: " + folder.resolve("none") + ": is not a folder; check --data"
                        + System.lineSeparator());
        Called empty = Called.of("data", "--data", folder.toString());
        assertThat(empty.exitCode()).isEqualTo(1);
        assertThat(empty.err()).startsWith("bncnn: " + folder + ": holds neither IDX files");
    }

    @Test
    void moreClassesThanShardsCanHoldAreRefusedBeforeAnythingIsMade() throws IOException {
        Path images = images("train", "test");
        Path image = images.resolve("train/bag/0.png");
        for (int i = 0; i < 257; i++) {
            Path classFolder = Files.createDirectories(images.resolve("train/c%03d".formatted(i)));
            Files.copy(image, classFolder.resolve("0.png"));
        }
        Called called =
                Called.of("data", "--data", images + "", "--shard", "2", "--out", folder.resolve("shards") + "");
        assertThat(called.exitCode()).isEqualTo(1);
        assertThat(called.err()).contains(images + ": has 259 classes, but shards can hold at most 256");
        assertThat(folder.resolve("shards")).doesNotExist();
    }

    @Test
    void aDatasetsOwnValidationImagesAreMeasuredOnIfAskedFor() throws IOException {
        Path images = images("train", "val", "test");
        Path run = folder.resolve("run");
        Called test = Called.of("train", "--data", images + "", "--epochs", "1", "--out", run + "0");
        assertThat(test.err())
                .contains(
                        "6 training and 6 test images of 16×16, 2 classes; 6 validation images, used only with --validation N");
        assertThat(test.out()).contains("Accuracy on test set: ");
        Called validation =
                Called.of("train", "--data", images + "", "--epochs", "1", "--validation", "6", "--out", run + "6");
        assertThat(validation.out()).contains("epoch[1 of 1] validation accuracy: ", "Accuracy on validation set: ");
        assertThat(run.resolveSibling("run6").resolve("report.html")).content().contains("on 6 validation images");
        Called tooMany = Called.of("train", "--data", images + "", "--validation", "7", "--out", run + "7");
        assertThat(tooMany.exitCode()).isEqualTo(1);
        assertThat(tooMany.err())
                .contains(images + ": has 6 validation images of its own, not 7; choose fewer with --validation");
        assertThat(run.resolveSibling("run7")).doesNotExist();
    }

    @Test
    void evaluationTellsThatClassesAreCalledOtherwise() throws IOException {
        Path images = images("train", "test");
        Path model = folder.resolve("run/model.zip");
        assertThat(Called.of("train", "--data", images + "", "--epochs", "1", "--out", folder.resolve("run") + "")
                        .exitCode())
                .isZero();
        assertThat(Called.of("evaluate", model + "", "--data", images + "").err())
                .doesNotContain("matched by number");
        for (String set : List.of("train", "test")) {
            Files.move(images.resolve(set).resolve("shoe"), images.resolve(set).resolve("sock"));
        }
        Called called = Called.of("evaluate", model + "", "--data", images + "");
        assertThat(called.exitCode()).isZero();
        assertThat(called.err())
                .contains("bncnn: " + model
                        + ": class 1 is shoe in the model and sock in the dataset; classes are matched by number");
    }

    /**
     * Its process has a locale that cannot write the name; that of this test may be one, too, so a shell makes the
     * folder.
     */
    @Test
    @Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void namesOutsideTheLocalesEncodingAreRefusedInOneLine() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/bin/sh")));
        Path images = images("train", "test");
        run(
                List.of(
                        "/bin/sh",
                        "-c",
                        "for set in train test; do mv \"$0/$set/bag\" \"$0/$set/$(printf 'caf\\303\\251')\"; done",
                        images + ""),
                "C");
        String refused = run(data(images), "C");
        assertThat(refused)
                .contains("bncnn: " + images.resolve("train") + "/caf")
                .endsWith(": has a name that is not in the encoding of this locale, ANSI_X3.4-1968; set LC_ALL=C.UTF-8"
                        + " if the name is UTF-8, or rename it\n");
        assertThat(run(data(images), "C.UTF-8")).contains("6 training and 6 test images");
    }

    private static List<String> data(Path images) {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                "org.bncnn.cli.Main",
                "data",
                "--verify",
                "--data",
                images.toString());
    }

    /** {@return what a process says} */
    private String run(List<String> command, String locale) throws Exception {
        File said = folder.resolve("said").toFile();
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(said);
        builder.environment().put("LC_ALL", locale);
        Process process = builder.start();
        try {
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        } finally {
            process.destroyForcibly();
        }
        return Files.readString(said.toPath(), StandardCharsets.UTF_8);
    }

    /** Two classes of three images in each set. */
    private Path images(String... sets) throws IOException {
        Path images = folder.resolve("images");
        for (String set : sets) {
            for (String name : List.of("bag", "shoe")) {
                Path classFolder = Files.createDirectories(images.resolve(set).resolve(name));
                for (int i = 0; i < 3; i++) {
                    BufferedImage image = new BufferedImage(16, 16, BufferedImage.TYPE_BYTE_GRAY);
                    image.getRaster().setSample(i, i, 0, 255);
                    ImageIO.write(image, "png", classFolder.resolve(i + ".png").toFile());
                }
            }
        }
        return images;
    }
}
