package org.bncnn.data;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.DirectColorModel;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import javax.imageio.ImageReadParam;
import javax.imageio.ImageReader;
import javax.imageio.stream.MemoryCacheImageInputStream;
import org.bncnn.text.Numbers;

/**
 * Reads PNG, JPEG, GIF and BMP, always in the same way: a network is trained on the numbers that it is asked about
 * later, whatever the machine and the size of its memory. Only JPEG's arithmetic is the JDK's, and may differ by a step
 * or two between builds of the JDK.
 *
 * <p>Pixel for pixel, in this order:
 * <ol>
 *   <li>Of several images in a file, the first. In GIF it is laid at its place on the whole image; what it does not
 *       cover is transparent.
 *   <li>Samples are taken as they are stored. Of 16 bits the high byte counts; fewer than 8 are scaled to 0 to 255 and
 *       rounded. JPEG's YCbCr becomes RGB; palettes are looked up. Colour profiles, gamma and all text and notes are
 *       ignored.
 *   <li>An image of more than {@value #MOST_WHOLE} pixels is reduced: of every k columns and rows the first is kept,
 *       with the smallest k that suffices. So the rule depends on the image's size alone.
 *   <li>Transparent parts are laid on white: (value·alpha + 255·(255 − alpha)) / 255, rounded.
 *   <li>The image is turned upright as its Exif block says (JPEG's segment APP1, PNG's chunk eXIf).
 *   <li>For a grey result, grey = (299·red + 587·green + 114·blue) / 1000, rounded, the luma of ITU-R BT.601; grey
 *       stays as it is. For a coloured one, the channels are blue, green and red; grey is in all three.
 *   <li>It is scaled to the size asked for, whatever its proportions ({@link AreaAverage}).
 * </ol>
 *
 * <p>Refused, before pixels are unpacked: more than {@value #MOST_PIXELS} pixels, JPEG in CMYK or of more than 8 bits,
 * BMP that wraps another format; and files that end too early.
 */
final class ImageDecoder {
    private static final long MOST_PIXELS = 100_000_000;
    private static final long MOST_WHOLE = 16_000_000;

    private ImageDecoder() {}

    /**
     * Decodes an image.
     *
     * @param file its content
     * @throws IOException if it is not one that can be read; the message says why, in one line
     */
    static DecodedImage decode(byte[] file) throws IOException {
        ImageFormat format = ImageFormat.of(file);
        ImageContent content = format.parse(file);
        if (content.width() < 1 || content.height() < 1) {
            throw new IOException("it has no pixels");
        }
        long pixels = (long) content.width() * content.height();
        if (pixels > MOST_PIXELS) {
            throw new IOException(Numbers.format("it has %,d pixels, more than %,d", pixels, MOST_PIXELS));
        }
        int reduction = reduction(content.width(), content.height());
        return new DecodedImage(content, reduction, decode(format.decoder(), content.bytes(), reduction));
    }

    /** {@return an image of a program, in the way of one from a file} */
    static DecodedImage decode(BufferedImage image) {
        int width = image.getWidth();
        int height = image.getHeight();
        int reduction = reduction(width, height);
        BufferedImage plain = image;
        if (!isPlain(image.getColorModel())) {
            plain = new BufferedImage(width, height, BufferedImage.TYPE_INT_ARGB);
            plain.setRGB(0, 0, width, height, image.getRGB(0, 0, width, height, null, 0, width), 0, width);
        }
        ImageContent content = new ImageContent(new byte[0], width, height, Orientation.UPRIGHT);
        return new DecodedImage(content, reduction, reduction == 1 ? plain : reduced(plain, reduction));
    }

    /** {@return whether samples are grey or RGB values that can be taken as they are} */
    private static boolean isPlain(ColorModel colours) {
        int space = colours.getColorSpace().getType();
        int type = colours.getTransferType();
        return !colours.isAlphaPremultiplied()
                && (space == ColorSpace.TYPE_RGB || space == ColorSpace.TYPE_GRAY)
                && (type == DataBuffer.TYPE_BYTE
                        || type == DataBuffer.TYPE_USHORT
                        || colours instanceof DirectColorModel);
    }

    private static BufferedImage reduced(BufferedImage image, int reduction) {
        Raster from = image.getRaster();
        WritableRaster to = from.createCompatibleWritableRaster(
                DecodedImage.reduced(from.getWidth(), reduction), DecodedImage.reduced(from.getHeight(), reduction));
        Object pixel = null;
        for (int y = 0; y < to.getHeight(); y++) {
            for (int x = 0; x < to.getWidth(); x++) {
                pixel = from.getDataElements(x * reduction, y * reduction, pixel);
                to.setDataElements(x, y, pixel);
            }
        }
        return new BufferedImage(image.getColorModel(), to, false, null);
    }

    private static BufferedImage decode(ImageReader decoder, byte[] file, int reduction) throws IOException {
        try (MemoryCacheImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(file))) {
            decoder.setInput(in, true, true);
            ImageReadParam parameters = decoder.getDefaultReadParam();
            parameters.setSourceSubsampling(reduction, reduction, 0, 0);
            return decoder.read(0, parameters);
        } finally {
            decoder.dispose();
        }
    }

    private static int reduction(int width, int height) {
        int reduction = 1;
        while ((long) DecodedImage.reduced(width, reduction) * DecodedImage.reduced(height, reduction) > MOST_WHOLE) {
            reduction++;
        }
        return reduction;
    }
}
