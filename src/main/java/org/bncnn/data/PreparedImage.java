package org.bncnn.data;

import java.awt.image.BufferedImage;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.BufferUnderflowException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.bncnn.data.ImageSet.Shape;
import org.bncnn.text.Numbers;

/**
 * An image of any size and colour, made into what a network takes: decoded, laid on white, turned upright, made grey if
 * the network takes grey, scaled, and inverted if need be. Image folders are read the same way, so that training,
 * evaluation and prediction see the same numbers.
 *
 * <p>Files are PNG, JPEG, GIF (the first image) or BMP, whatever their names, of at most 100 MB and 100 million pixels.
 * Images of more than 16 million pixels are reduced first, to every k-th pixel.
 *
 * @param pixels {@code [C, H, W]}, unsigned bytes; one channel is grey, three are blue, green and red
 * @param changes what was done to the image, in words; empty if nothing was
 */
public record PreparedImage(byte[] pixels, List<String> changes) {
    private static final int MOST_BYTES = 100_000_000;
    private static final String DAMAGED = "it is damaged";

    /**
     * {@return the image in a file}
     *
     * @param file a regular file, or a link to one
     * @param shape of the result
     * @param inversion of images
     * @throws DatasetException if it cannot be read as an image, or not within the available memory
     */
    public static PreparedImage of(Path file, Shape shape, Inversion inversion) throws DatasetException {
        return of(file, contentOf(file), shape).inverted(shape, inversion);
    }

    /**
     * {@return an image in memory, as if it came from a file} Its samples are taken as they are; only an image whose
     * samples are not plain grey or RGB is converted to sRGB.
     *
     * @param image to prepare; it is not changed
     * @param shape of the result
     * @param inversion of images
     */
    public static PreparedImage of(BufferedImage image, Shape shape, Inversion inversion) {
        return scaled(ImageDecoder.decode(image), shape).inverted(shape, inversion);
    }

    /**
     * {@return this image, inverted in place if that applies to it}
     *
     * @param shape of this image
     * @param inversion of images
     */
    public PreparedImage inverted(Shape shape, Inversion inversion) {
        if (!inversion.apply(pixels, 0, shape)) {
            return this;
        }
        List<String> more = new ArrayList<>(changes);
        more.add("inverted");
        return new PreparedImage(pixels, List.copyOf(more));
    }

    /** {@return the content of a file} A device or a pipe may have no end, and is not opened. */
    static byte[] contentOf(Path file) throws DatasetException {
        if (!Files.isRegularFile(file)) {
            throw new DatasetException(file + ": is not a file; name an image");
        }
        byte[] content;
        try (InputStream in = Files.newInputStream(file)) {
            content = in.readNBytes(MOST_BYTES + 1);
        } catch (IOException e) {
            throw new DatasetException(file + ": cannot be read (" + e + "); check that it is a readable file", e);
        } catch (OutOfMemoryError e) {
            throw tooLarge(file, e);
        }
        if (content.length > MOST_BYTES) {
            throw new DatasetException(
                    Numbers.format("%s: is larger than %,d bytes; make it smaller", file, MOST_BYTES));
        }
        return content;
    }

    /** {@return the shape that an image has by itself: one channel if it can hold nothing but grey, otherwise three} */
    static Shape shapeOf(Path file) throws DatasetException {
        return decoded(
                file, contentOf(file), image -> new Shape(image.isGrey() ? 1 : 3, image.height(), image.width()));
    }

    /**
     * {@return an image of a shape, not inverted}
     *
     * @param file for messages
     */
    static PreparedImage of(Path file, byte[] content, Shape shape) throws DatasetException {
        return decoded(file, content, image -> scaled(image, shape));
    }

    private static PreparedImage scaled(DecodedImage image, Shape shape) {
        byte[] pixels = AreaAverage.resize(
                shape.channels() == 1 ? grey(image) : bgr(image), image.height(), image.width(), shape);
        List<String> changes = image.changes();
        if (image.height() != shape.height() || image.width() != shape.width()) {
            changes.add("scaled from " + image.width() + "×" + image.height());
        }
        if (shape.channels() == 1 && image.isColoured()) {
            changes.add("made grey");
        }
        return new PreparedImage(pixels, List.copyOf(changes));
    }

    private static <T> T decoded(Path file, byte[] content, Function<DecodedImage, T> use) throws DatasetException {
        try {
            return use.apply(ImageDecoder.decode(content));
        } catch (EOFException | BufferUnderflowException e) {
            throw undecodable(file, "it ends too early", e);
        } catch (IOException e) {
            throw undecodable(
                    file,
                    e.getMessage() == null
                            ? DAMAGED
                            : e.getMessage().lines().findFirst().orElse(DAMAGED),
                    e);
        } catch (RuntimeException e) {
            throw undecodable(file, DAMAGED, e);
        } catch (OutOfMemoryError e) {
            throw tooLarge(file, e);
        }
    }

    private static DatasetException undecodable(Path file, String reason, Exception cause) {
        return new DatasetException(
                file + ": cannot be read as an image (" + reason + "); replace it or leave it out", cause);
    }

    private static DatasetException tooLarge(Path file, OutOfMemoryError cause) {
        return new DatasetException(
                file + ": does not fit into memory; make it smaller, or give Java more with -Xmx", cause);
    }

    private static AreaAverage.Rows bgr(DecodedImage image) {
        return (y, row) -> image.row(y, new int[][] {row[2], row[1], row[0]});
    }

    private static AreaAverage.Rows grey(DecodedImage image) {
        int[][] rgb = new int[3][image.width()];
        return (y, row) -> {
            image.row(y, rgb);
            for (int x = 0; x < rgb[0].length; x++) {
                row[0][x] = (299 * rgb[0][x] + 587 * rgb[1][x] + 114 * rgb[2][x] + 500) / 1000;
            }
        };
    }
}
