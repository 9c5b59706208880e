package org.bncnn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.Transparency;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.IntBinaryOperator;
import javax.imageio.ImageIO;
import org.bncnn.data.ImageCases.ImageCase;
import org.bncnn.data.ImageSet.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PreparedImageTest {
    @TempDir
    private Path folder;

    @Test
    void aGreyImageOfTheRightSizeStaysAsItIs() throws IOException {
        PreparedImage read = read(image("png", 4, 3, (x, y) -> grey(20 * y + x)), 1, 3, 4, Inversion.LIGHT_BORDER);
        assertThat(read.pixels()).containsExactly(0, 1, 2, 3, 20, 21, 22, 23, 40, 41, 42, 43);
        assertThat(read.changes()).isEmpty();
    }

    @Test
    void aLightBorderIsInverted() throws IOException {
        PreparedImage read =
                read(image("png", 3, 3, (x, y) -> grey(x == 1 && y == 1 ? 10 : 250)), 1, 3, 3, Inversion.LIGHT_BORDER);
        assertThat(read.pixels()).containsExactly(5, 5, 5, 5, 245, 5, 5, 5, 5);
        assertThat(read.changes()).containsExactly("inverted");
    }

    @Test
    void aLightObjectOnADarkGroundIsNot() throws IOException {
        PreparedImage read = read(
                image("png", 10, 10, (x, y) -> grey(x % 9 == 0 || y % 9 == 0 ? 10 : 250)),
                1,
                10,
                10,
                Inversion.LIGHT_BORDER);
        assertThat(read.changes()).isEmpty();
        assertThat(read.pixels()[55] & 0xff).isEqualTo(250);
    }

    @Test
    void aLargeImageIsAveraged() throws IOException {
        PreparedImage read = read(image("png", 8, 4, (x, y) -> grey(x < 4 ? 0 : 100)), 1, 2, 2, Inversion.LIGHT_BORDER);
        assertThat(read.pixels()).containsExactly(0, 100, 0, 100);
        assertThat(read.changes()).containsExactly("scaled from 8×4");
    }

    @Test
    void aColouredImageIsMadeGrey() throws IOException {
        PreparedImage read = read(image("png", 1, 1, (x, y) -> 0xFF_00_00), 1, 1, 1, Inversion.LIGHT_BORDER);
        assertThat(read.pixels()).containsExactly(76);
        assertThat(read.changes()).containsExactly("made grey");
    }

    @Test
    void coloursAreInTheOrderOfTheDatasets() throws IOException {
        PreparedImage read =
                read(image("png", 2, 1, (x, y) -> x == 0 ? 0x01_02_03 : 0xFF_FE_FD), 3, 1, 2, Inversion.LIGHT_BORDER);
        assertThat(read.pixels()).containsExactly(3, 0xFD, 2, 0xFE, 1, 0xFF);
        assertThat(read.changes()).isEmpty();
    }

    @Test
    void transparencyIsWhite() throws IOException {
        BufferedImage clear = new BufferedImage(2, 2, BufferedImage.TYPE_INT_ARGB);
        Path file = folder.resolve("clear.png");
        ImageIO.write(clear, "png", file.toFile());
        assertThat(read(file, 3, 2, 2, Inversion.LIGHT_BORDER).pixels()).containsOnly(255);
    }

    @ParameterizedTest
    @ValueSource(strings = {"png", "jpg", "gif", "bmp"})
    void everyFormat(String format) throws IOException {
        PreparedImage read = read(image(format, 16, 16, (x, y) -> grey(64)), 1, 16, 16, Inversion.LIGHT_BORDER);
        for (byte pixel : read.pixels()) {
            assertThat((int) pixel).isBetween(62, 66);
        }
    }

    /** As Image I/O and programs make them, with samples in every order. */
    @ParameterizedTest
    @ValueSource(
            ints = {
                BufferedImage.TYPE_INT_RGB,
                BufferedImage.TYPE_INT_BGR,
                BufferedImage.TYPE_3BYTE_BGR,
                BufferedImage.TYPE_INT_ARGB,
                BufferedImage.TYPE_4BYTE_ABGR,
                BufferedImage.TYPE_INT_ARGB_PRE,
                BufferedImage.TYPE_4BYTE_ABGR_PRE
            })
    void anImageInMemoryIsReadAsItsFile(int type) throws IOException {
        Path file = image("png", 7, 5, (x, y) -> x << 21 | y << 13 | x * y);
        BufferedImage image = new BufferedImage(7, 5, type);
        image.setRGB(0, 0, 7, 5, ImageIO.read(file.toFile()).getRGB(0, 0, 7, 5, null, 0, 7), 0, 7);
        for (Shape shape : new Shape[] {new Shape(3, 5, 7), new Shape(1, 5, 7), new Shape(3, 4, 3)}) {
            for (Inversion inversion : Inversion.values()) {
                PreparedImage fromFile = PreparedImage.of(file, shape, inversion);
                PreparedImage inMemory = PreparedImage.of(image, shape, inversion);
                assertThat(inMemory.pixels()).isEqualTo(fromFile.pixels());
                assertThat(inMemory.changes()).isEqualTo(fromFile.changes());
            }
        }
    }

    /** Of few bits and many, with palettes and without, grey and transparent. */
    @Test
    void anImageThatImageIoReadIsReadAsItsFile() throws IOException {
        for (ImageCase each : ImageCases.all()) {
            if (!each.name().startsWith("PNG") || each.name().contains("Exif")) {
                continue; // Image I/O leaves out how an image is turned
            }
            Path file = write("case.png", each.file());
            BufferedImage image = ImageIO.read(file.toFile());
            Shape shape = new Shape(3, each.height(), each.width());
            assertThat(PreparedImage.of(image, shape, Inversion.NEVER).pixels())
                    .as(each.name())
                    .isEqualTo(PreparedImage.of(file, shape, Inversion.NEVER).pixels());
        }
    }

    @Test
    void aLargeImageInMemoryIsReducedByTheSameRule() throws IOException {
        BufferedImage large = new BufferedImage(4001, 4000, BufferedImage.TYPE_BYTE_BINARY);
        for (int y = 0; y < 4000; y += 2) {
            for (int x = 0; x < 4001; x += 2) {
                large.setRGB(x, y, 0xFFFFFF);
            }
        }
        PreparedImage read = PreparedImage.of(large, new Shape(1, 10, 10), Inversion.NEVER);
        assertThat(read.pixels()).containsOnly(255);
        assertThat(read.changes()).containsExactly("reduced from 4001×4000", "scaled from 2001×2000");
    }

    @Test
    void samplesThatAreNotPlainAreConverted() {
        ColorSpace linear = ColorSpace.getInstance(ColorSpace.CS_CIEXYZ);
        ColorModel floats = new ComponentColorModel(linear, false, false, Transparency.OPAQUE, DataBuffer.TYPE_FLOAT);
        BufferedImage image = new BufferedImage(floats, floats.createCompatibleWritableRaster(2, 2), false, null);
        image.setRGB(1, 1, 0xFFFFFF);
        byte[] pixels =
                PreparedImage.of(image, new Shape(3, 2, 2), Inversion.NEVER).pixels();
        assertThat(pixels[0] & 0xff).isZero();
        assertThat(pixels[3] & 0xff).isGreaterThan(250);
    }

    @Test
    void whatIsNoImageIsNamed() throws IOException {
        Path text = Files.writeString(folder.resolve("text.png"), "hello");
        assertThatThrownBy(() -> read(text, 1, 28, 28, Inversion.LIGHT_BORDER))
                .isInstanceOf(DatasetException.class)
                .hasMessage(text
                        + ": cannot be read as an image (it is not PNG, JPEG, GIF or BMP); replace it or leave it out");
        assertThatThrownBy(() -> read(folder, 1, 28, 28, Inversion.LIGHT_BORDER))
                .hasMessage(folder + ": is not a file; name an image");
    }

    @Test
    void aCutImageIsNamed() throws IOException {
        byte[] whole = Files.readAllBytes(image("png", 64, 64, (x, y) -> grey(x * y)));
        Path cut = Files.write(folder.resolve("cut.png"), Arrays.copyOf(whole, whole.length / 2));
        assertThatThrownBy(() -> read(cut, 1, 28, 28, Inversion.LIGHT_BORDER))
                .isInstanceOf(DatasetException.class)
                .hasMessageStartingWith(cut + ": cannot be read as an image");
    }

    @Test
    void anImageOfTooManyPixelsIsNotUnpacked() throws IOException {
        byte[] zeros = EncodedImages.deflate(new byte[100]);
        for (int[] size : new int[][] {{65_536, 65_536}, {100_000_001, 1}, {10_001, 10_000}}) {
            Path bomb = write("bomb.png", EncodedImages.png(size[0], size[1], 8, EncodedImages.GREY, false, zeros));
            assertRefused(bomb, "it has %,d pixels, more than 100,000,000".formatted((long) size[0] * size[1]));
        }
        byte[] screen = EncodedImages.gifScreen(65_535, 65_535, new int[1]);
        byte[] frame = EncodedImages.gifFrame(0, 0, 1, 1, null, false, (x, y, band) -> 0);
        assertRefused(
                write("bomb.gif", EncodedImages.join(screen, frame)),
                "it has 4,294,836,225 pixels, more than 100,000,000");
        byte[] bmp = EncodedImages.bmp(1 << 30, 1 << 30, 24, 0, 40, new byte[0], new int[0], new byte[0]);
        assertRefused(write("bomb.bmp", bmp), "more than 100,000,000");
    }

    @Test
    void aLargeImageIsReducedByARuleOfItsSize() throws IOException {
        int width = 4001; // with 4000 rows more than 16 million pixels: every second one is kept, 2001 in a row
        Path file = write(
                "large.png",
                EncodedImages.png(
                        width, 4000, 1, EncodedImages.GREY, (x, y, band) -> x % 2 == 0 && y % 2 == 0 ? 1 : 0));
        PreparedImage read = read(file, 1, 10, 10, Inversion.NEVER);
        assertThat(read.pixels()).containsOnly(255);
        assertThat(read.changes()).containsExactly("reduced from 4001×4000", "scaled from 2001×2000");
        Path whole = write("whole.png", EncodedImages.png(4000, 4000, 1, EncodedImages.GREY, (x, y, band) -> x & 1));
        assertThat(read(whole, 1, 10, 10, Inversion.NEVER).pixels()).containsOnly(128);
    }

    @Test
    void onlyRegularFilesAreOpened() throws Exception {
        Path pipe = folder.resolve("pipe.png");
        assertThat(new ProcessBuilder("mkfifo", pipe + "").start().waitFor()).isZero();
        Path device = Files.createSymbolicLink(folder.resolve("device.png"), Path.of("/dev/zero"));
        Path nothing = Files.createSymbolicLink(folder.resolve("nothing.png"), folder.resolve("none"));
        for (Path each : new Path[] {pipe, device, nothing, folder}) {
            assertThatThrownBy(() -> read(each, 1, 28, 28, Inversion.NEVER))
                    .isInstanceOf(DatasetException.class)
                    .hasMessage(each + ": is not a file; name an image");
        }
        Path image = image("png", 4, 4, (x, y) -> grey(64));
        Path link = Files.createSymbolicLink(folder.resolve("link"), image);
        assertThat(read(link, 1, 4, 4, Inversion.NEVER).pixels()).containsOnly(64);
    }

    @Test
    void aHugeFileIsNotReadToItsEnd() throws IOException {
        Path file = folder.resolve("huge.png");
        try (RandomAccessFile huge = new RandomAccessFile(file.toFile(), "rw")) {
            huge.setLength(1L << 40); // sparse
        }
        assertThatThrownBy(() -> read(file, 1, 28, 28, Inversion.NEVER))
                .isInstanceOf(DatasetException.class)
                .hasMessage(file + ": is larger than 100,000,000 bytes; make it smaller");
    }

    @Test
    void whatDoesNotFitIntoMemoryIsNamed() throws IOException {
        Path file = image("png", 4, 4, (x, y) -> grey(64));
        assertThatThrownBy(() -> read(file, 1, 1, Integer.MAX_VALUE, Inversion.NEVER))
                .isInstanceOf(DatasetException.class)
                .hasMessage(file + ": does not fit into memory; make it smaller, or give Java more with -Xmx");
    }

    @ParameterizedTest
    @CsvSource({
        "WebP, RIFF....WEBPVP8 ",
        "TIFF, II*.",
        "TIFF, MM.*",
        "a Photoshop document, 8BPS..",
        "HEIC, ....ftypheic....",
        "AVIF, ....ftypavif....",
        "SVG, <svg xmlns='http://www.w3.org/2000/svg'/>",
        "SVG, <?xml version='1.0'?><svg/>",
        "HTML, <!DOCTYPE html><html>",
        "HTML, ' <html><body>404</body></html>'",
        "PDF, %PDF-1.7",
        "PNM, P5 28 28 255",
        "a Git LFS pointer and not the file itself, version https://git-lfs.github.com/spec/v1"
    })
    void otherKindsOfFilesAreNamed(String kind, String content) throws IOException {
        Path file = write("image.png", EncodedImages.text(content.replace('.', '\0')));
        assertRefused(file, "it is " + kind + ", not PNG, JPEG, GIF or BMP");
    }

    @Test
    void anEmptyFileIsNamed() throws IOException {
        assertRefused(write("empty.png", new byte[0]), "it is empty");
    }

    @Test
    void variantsThatAreNotReadAreNamed() throws IOException {
        EncodedImages.Samples black = (x, y, band) -> 0;
        assertRefused(
                write("cmyk.jpg", EncodedImages.jpeg(2, 2, 4, false, black)),
                "its colours are CMYK; convert it to RGB");
        assertRefused(write("scans.jpg", EncodedImages.jpeg(2, 2, 1, true, 101, black)), "it has more than 100 scans");
        assertThatThrownBy(() ->
                        read(write("two.jpg", EncodedImages.jpeg(2, 2, 2, false, black)), 1, 28, 28, Inversion.NEVER))
                .isInstanceOf(DatasetException.class);
        for (int compression : new int[] {4, 5}) {
            byte[] png = EncodedImages.png(4, 4, 8, EncodedImages.GREY, black);
            byte[] bmp = EncodedImages.bmp(4, 4, 0, compression, 40, new byte[0], new int[0], png);
            assertRefused(
                    write("wraps.bmp", bmp), "it wraps a " + (compression == 4 ? "JPEG" : "PNG") + "; save it as such");
        }
        byte[] low = EncodedImages.gifFrame(0, 0, 4, 4, new int[1], true, black);
        assertRefused(
                write("low.gif", EncodedImages.join(EncodedImages.gifScreen(4, 4, null), low)),
                "it is interlaced and has fewer than 5 rows");
    }

    @Test
    void aDamagedImageIsNamed() throws IOException {
        byte[] png = EncodedImages.png(4, 4, 8, EncodedImages.GREY, (x, y, band) -> 9 * x);
        png[45] ^= 1;
        assertRefused(write("damaged.png", png), "its part IDAT is damaged");
        byte[] few = EncodedImages.png(4, 4, 8, EncodedImages.GREY, false, EncodedImages.deflate(new byte[10]));
        assertThatThrownBy(() -> read(write("few.png", few), 1, 28, 28, Inversion.NEVER))
                .isInstanceOf(DatasetException.class);
    }

    private void assertRefused(Path file, String reason) {
        assertThatThrownBy(() -> read(file, 1, 28, 28, Inversion.NEVER))
                .isInstanceOf(DatasetException.class)
                .message()
                .startsWith(file + ": cannot be read as an image (")
                .endsWith(reason + "); replace it or leave it out");
    }

    @Test
    void theContentCountsAndNotTheName() throws IOException {
        Path file = image("jpg", 16, 16, (x, y) -> grey(64));
        Path renamed = Files.move(file, folder.resolve("notes.txt"));
        assertThat(read(renamed, 1, 1, 1, Inversion.NEVER).pixels()).containsExactly(64);
    }

    @Test
    void whatIsInvertedIsChosen() throws IOException {
        Path dark = image("png", 2, 2, (x, y) -> grey(10));
        assertThat(read(dark, 1, 2, 2, Inversion.ALWAYS).pixels()).containsOnly(245);
        assertThat(read(dark, 3, 2, 2, Inversion.ALWAYS).pixels()).containsOnly(245);
        assertThat(read(dark, 1, 2, 2, Inversion.LIGHT_BORDER).pixels()).containsOnly(10);
        Path light = image("png", 2, 2, (x, y) -> grey(250));
        assertThat(read(light, 1, 2, 2, Inversion.NEVER).pixels()).containsOnly(250);
        assertThat(read(light, 1, 2, 2, Inversion.LIGHT_BORDER).pixels()).containsOnly(5);
        assertThat(read(light, 3, 2, 2, Inversion.LIGHT_BORDER).pixels()).containsOnly(250);
    }

    @Test
    void whatWasDoneIsTold() throws IOException {
        byte[] turned = EncodedImages.png(
                5,
                4,
                8,
                EncodedImages.RGB_ALPHA,
                (x, y, band) -> 60 * band,
                EncodedImages.chunk("eXIf", EncodedImages.exif(6, ByteOrder.BIG_ENDIAN)));
        assertThat(read(write("turned.png", turned), 1, 2, 2, Inversion.ALWAYS).changes())
                .containsExactly("turned by Exif", "laid on white", "scaled from 4×5", "made grey", "inverted");
    }

    private static PreparedImage read(Path file, int channels, int height, int width, Inversion inversion)
            throws DatasetException {
        return PreparedImage.of(file, new Shape(channels, height, width), inversion);
    }

    private Path write(String name, byte[] content) throws IOException {
        return Files.write(folder.resolve(name), content);
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
