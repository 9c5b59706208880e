package org.bncnn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.IntBinaryOperator;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImageFileTest {
    @TempDir
    private Path folder;

    @Test
    void aGreyImageOfTheRightSizeStaysAsItIs() throws IOException {
        ImageFile read = ImageFile.read(image("png", 4, 3, (x, y) -> grey(20 * y + x)), 1, 3, 4);
        assertThat(read.pixels()).containsExactly(0, 1, 2, 3, 20, 21, 22, 23, 40, 41, 42, 43);
        assertThat(read.changes()).isEmpty();
    }

    @Test
    void aLightBorderIsInverted() throws IOException {
        ImageFile read = ImageFile.read(image("png", 3, 3, (x, y) -> grey(x == 1 && y == 1 ? 10 : 250)), 1, 3, 3);
        assertThat(read.pixels()).containsExactly(5, 5, 5, 5, 245, 5, 5, 5, 5);
        assertThat(read.changes()).containsExactly("inverted");
    }

    @Test
    void aLightObjectOnADarkGroundIsNot() throws IOException {
        ImageFile read =
                ImageFile.read(image("png", 10, 10, (x, y) -> grey(x % 9 == 0 || y % 9 == 0 ? 10 : 250)), 1, 10, 10);
        assertThat(read.changes()).isEmpty();
        assertThat(read.pixels()[55]).isEqualTo(250);
    }

    @Test
    void aLargeImageIsAveraged() throws IOException {
        ImageFile read = ImageFile.read(image("png", 8, 4, (x, y) -> grey(x < 4 ? 0 : 100)), 1, 2, 2);
        assertThat(read.pixels()).containsExactly(0, 100, 0, 100);
        assertThat(read.changes()).containsExactly("scaled from 8×4");
    }

    @Test
    void aColouredImageIsMadeGrey() throws IOException {
        ImageFile read = ImageFile.read(image("png", 1, 1, (x, y) -> 0xFF_00_00), 1, 1, 1);
        assertThat(read.pixels()).containsExactly(76);
        assertThat(read.changes()).containsExactly("made grey");
    }

    @Test
    void coloursAreInTheOrderOfTheDatasets() throws IOException {
        ImageFile read = ImageFile.read(image("png", 2, 1, (x, y) -> x == 0 ? 0x01_02_03 : 0xFF_FE_FD), 3, 1, 2);
        assertThat(read.pixels()).containsExactly(3, 0xFD, 2, 0xFE, 1, 0xFF);
        assertThat(read.changes()).isEmpty();
    }

    @Test
    void transparencyIsWhite() throws IOException {
        BufferedImage clear = new BufferedImage(2, 2, BufferedImage.TYPE_INT_ARGB);
        Path file = folder.resolve("clear.png");
        ImageIO.write(clear, "png", file.toFile());
        assertThat(ImageFile.read(file, 3, 2, 2).pixels()).containsOnly(255);
    }

    @ParameterizedTest
    @ValueSource(strings = {"png", "jpg", "gif", "bmp"})
    void everyFormat(String format) throws IOException {
        ImageFile read = ImageFile.read(image(format, 16, 16, (x, y) -> grey(64)), 1, 16, 16);
        for (float pixel : read.pixels()) {
            assertThat(pixel).isBetween(62f, 66f);
        }
    }

    @Test
    void whatIsNoImageIsNamed() throws IOException {
        Path text = Files.writeString(folder.resolve("text.png"), "hello");
        assertThatThrownBy(() -> ImageFile.read(text, 1, 28, 28))
                .isInstanceOf(DatasetException.class)
                .hasMessage(text + ": cannot be read as an image (it is neither PNG, JPEG, GIF nor BMP)");
        assertThatThrownBy(() -> ImageFile.read(folder, 1, 28, 28))
                .hasMessage(folder + ": is not a file; name an image");
    }

    @Test
    void aCutImageIsNamed() throws IOException {
        byte[] whole = Files.readAllBytes(image("png", 64, 64, (x, y) -> grey(x * y)));
        Path cut = Files.write(folder.resolve("cut.png"), Arrays.copyOf(whole, whole.length / 2));
        assertThatThrownBy(() -> ImageFile.read(cut, 1, 28, 28))
                .isInstanceOf(DatasetException.class)
                .hasMessageStartingWith(cut + ": cannot be read as an image");
    }

    @Test
    void anImageOfBillionsOfPixelsIsNotUnpacked() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeLong(0x89504E470D0A1A0AL);
        byte[] header = {'I', 'H', 'D', 'R', 0, 1, 0, 0, 0, 1, 0, 0, 8, 0, 0, 0, 0};
        CRC32 crc = new CRC32();
        crc.update(header);
        out.writeInt(header.length - 4);
        out.write(header);
        out.writeInt((int) crc.getValue());
        Path bomb = Files.write(folder.resolve("bomb.png"), bytes.toByteArray());
        assertThatThrownBy(() -> ImageFile.read(bomb, 1, 28, 28))
                .hasMessageContaining("it has 4,294,967,296 pixels, more than 64,000,000");
    }

    private static int grey(int value) {
        return value << 16 | value << 8 | value;
    }

    private Path image(String format, int width, int height, IntBinaryOperator color) throws IOException {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                image.setRGB(x, y, color.applyAsInt(x, y));
            }
        }
        Path file = folder.resolve("image." + format);
        assertThat(ImageIO.write(image, format, file.toFile())).isTrue();
        return file;
    }
}
