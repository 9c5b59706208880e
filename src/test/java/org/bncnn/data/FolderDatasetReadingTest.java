package org.bncnn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.ndarray.INDArray;

class FolderDatasetReadingTest {
    @TempDir
    private Path folder;

    @Test
    void everySixthImageOfAClassIsHeldOut() throws IOException {
        for (int i = 0; i < 12; i++) {
            writeGrey("bag/" + (char) ('a' + i) + ".png", 10 * i);
            writeGrey("shoe/" + (char) ('a' + i) + ".png", 10 * i + 5);
        }
        ImageDataset data = FolderDataset.in(folder).read();
        assertThat(data.train().classNames()).containsExactly("bag", "shoe");
        assertThat(data.train().size()).isEqualTo(20);
        assertThat(data.test().size()).isEqualTo(4);
        assertThat(data.test().label(1)).isEqualTo(0);
        assertThat(data.test().label(2)).isEqualTo(1);
        INDArray held = ImageSetIterator.ordered(data.test(), 4).next().getFeatures();
        assertThat(held.shape()).containsExactly(4, 1, 20, 16);
        assertThat(held.getInt(0, 0, 3, 3)).isEqualTo(50);
        assertThat(held.getInt(3, 0, 3, 3)).isEqualTo(115);
    }

    @Test
    void foldersTrainAndTestAreTakenAsTheyAre() throws IOException {
        for (String name : new String[] {
            "train/bag/a.png", "train/shoe/a.png", "train/shoe/b.png", "test/shoe/a.png", "test/bag/b.png"
        }) {
            writeGrey(name, 7);
        }
        ImageDataset data = FolderDataset.in(folder).read();
        assertThat(data.train().size()).isEqualTo(3);
        assertThat(data.test().size()).isEqualTo(2);
    }

    @Test
    void colourImagesHaveThreeChannelsAndAreScaledToTheFirst() throws IOException {
        for (int i = 0; i < 6; i++) {
            writeColour("a/" + i + ".png", 16 + i, new Color(10, 20, 30));
            writeColour("b/" + i + ".png", 16 + i, new Color(10, 20, 30));
        }
        ImageDataset data = FolderDataset.in(folder).read();
        INDArray first = ImageSetIterator.ordered(data.train(), 1).next().getFeatures();
        assertThat(first.shape()).containsExactly(1, 3, 16, 16);
        assertThat(new int[] {first.getInt(0, 0, 5, 5), first.getInt(0, 1, 5, 5), first.getInt(0, 2, 5, 5)})
                .as("blue, green, red")
                .containsExactly(30, 20, 10);
    }

    @Test
    void anImageThatCannotBeDecodedIsNamed() throws IOException {
        writeGrey("train/bag/a.png", 1);
        writeGrey("train/shoe/a.png", 1);
        writeGrey("test/bag/a.png", 1);
        Files.createDirectories(folder.resolve("test/shoe"));
        Files.writeString(folder.resolve("test/shoe/broken.png"), "no image");
        assertRefused(
                "broken.png: cannot be read as an image (it is not PNG, JPEG, GIF or BMP); replace it or leave it out");
    }

    private void assertRefused(String complaint) {
        assertThatThrownBy(() -> FolderDataset.in(folder).read())
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining(folder.toString())
                .hasMessageContaining(complaint);
    }

    private void writeGrey(String name, int grey) throws IOException {
        BufferedImage image = new BufferedImage(16, 20, BufferedImage.TYPE_BYTE_GRAY);
        for (int y = 0; y < image.getHeight(); y++) {
            for (int x = 0; x < image.getWidth(); x++) {
                image.getRaster().setSample(x, y, 0, grey);
            }
        }
        write(name, image);
    }

    private void writeColour(String name, int side, Color colour) throws IOException {
        BufferedImage image = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < side; y++) {
            for (int x = 0; x < side; x++) {
                image.setRGB(x, y, colour.getRGB());
            }
        }
        write(name, image);
    }

    private void write(String name, BufferedImage image) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        ImageIO.write(image, "png", file.toFile());
    }
}
