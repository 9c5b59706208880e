package org.bncnn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The option {@code --invert}, from training to prediction. */
class InvertTest {
    private static final String ALL = "Every image is inverted, here and by evaluate and predict.";
    private static final Pattern INVERTED = Pattern.compile(".*\\(.*inverted\\)");

    @TempDir
    private static Path folder;

    private static Path images;

    @BeforeAll
    static void draw() throws IOException {
        images = folder.resolve("images");
        for (int i = 0; i < 12; i++) {
            for (String shape : new String[] {"bar", "square"}) {
                BufferedImage image = new BufferedImage(16, 16, BufferedImage.TYPE_BYTE_GRAY);
                for (int at = 0; at < 256; at++) {
                    int x = at % 16;
                    int y = at / 16;
                    boolean within = x > 3 && x < (shape.equals("bar") ? 7 : 13) && y > 2 && y < 13;
                    image.getRaster().setSample(x, y, 0, within ? 20 + i : 250 - i);
                }
                Path file = images.resolve(shape).resolve("%02d.png".formatted(i));
                Files.createDirectories(file.getParent());
                ImageIO.write(image, "png", file.toFile());
            }
        }
    }

    private static Called train(Path run, String options) {
        return Called.of("train --data %s --epochs 2 --batch-size 5 --out %s %s"
                .formatted(images, run, options)
                .strip()
                .split(" "));
    }

    private static Called predict(Path run, String options) {
        return Called.of("predict %s %s %s"
                .formatted(run.resolve("model.zip"), images.resolve("bar/00.png"), options)
                .strip()
                .split(" "));
    }

    @Test
    void anImageFolderIsTakenAsItIs() {
        Path run = folder.resolve("auto");
        Called trained = train(run, "");
        assertThat(trained.exitCode()).isZero();
        assertThat(trained.err()).doesNotContain("nvert", "light on dark");
        assertThat(predict(run, "").out().strip()).doesNotMatch(INVERTED);
        assertThat(predict(run, "--invert always").out().strip()).matches(INVERTED);
        assertThat(Called.of("inspect", run.resolve("model.zip") + "").out()).contains("inverted never");
    }

    @Test
    void whatIsAlwaysInvertedStaysSo() throws IOException {
        Path run = folder.resolve("always");
        Called trained = train(run, "--invert always");
        assertThat(trained.exitCode()).isZero();
        assertThat(trained.err().lines()).contains(ALL);
        assertThat(predict(run, "").out().strip()).matches(INVERTED);
        assertThat(predict(run, "--invert never").out().strip()).doesNotMatch(INVERTED);
        assertThat(run.resolve("training.json")).content().contains("\"invert\" : \"always\"");
        Called evaluated = Called.of("evaluate %s --data %s"
                .formatted(run.resolve("model.zip"), images)
                .split(" "));
        assertThat(evaluated.out().lines().findFirst())
                .isEqualTo(trained.out()
                        .lines()
                        .filter(line -> line.startsWith("Accuracy"))
                        .findFirst());
        Called resumed = Called.of("train", "--resume", run + "");
        assertThat(resumed.exitCode()).isZero();
        assertThat(resumed.err().lines()).contains(ALL);
        assertThat(Called.of("train", "--resume", run + "", "--invert", "never").exitCode())
                .isEqualTo(2);
        assertThat(Called.of("report", run + "").exitCode()).isZero();
    }

    @Test
    void ofImagesOnBlackOthersAreInvertedThatHaveALightBorder() throws IOException {
        Path run = folder.resolve("sample");
        Called trained = Called.of("train --data sample --epochs 1 --out %s --validation 500"
                .formatted(run)
                .split(" "));
        assertThat(trained.err()).doesNotContain("nvert"); // the training images are as they are
        assertThat(predict(run, "").out().strip()).matches(INVERTED);
        assertThat(predict(run, "--invert never").out().strip()).doesNotMatch(INVERTED);
        Path never = folder.resolve("never");
        Called other = Called.of("train --data sample --epochs 1 --out %s --validation 500 --invert never"
                .formatted(never)
                .split(" "));
        assertThat(other.err()).doesNotContain("nvert");
        assertThat(other.out().lines().filter(line -> line.startsWith("Accuracy")))
                .as("the training is the same")
                .isEqualTo(trained.out()
                        .lines()
                        .filter(line -> line.startsWith("Accuracy"))
                        .toList());
        assertThat(predict(never, "").out().strip()).doesNotMatch(INVERTED);
    }

    @Test
    void shardsKeepIt() {
        Path shards = folder.resolve("shards");
        assertThat(Called.of("data --data %s --shard 2 --invert always --out %s"
                                .formatted(images, shards)
                                .split(" "))
                        .exitCode())
                .isZero();
        assertThat(shards.resolve("shards.json")).content().contains("\"inversion\" : \"always\"");
        Called useless =
                Called.of("data --data %s --invert always".formatted(images).split(" "));
        assertThat(useless.exitCode()).isEqualTo(2);
        assertThat(useless.err()).startsWith("bncnn: --invert has no effect without --shard");
    }
}
