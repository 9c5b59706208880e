package org.bncnn.data;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.BufferUnderflowException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * An image file of any size and colour, made into what a network takes: decoded, laid on white, turned upright, made grey if the network
 * takes grey, scaled, and inverted if need be. Image folders are read the same way.
 *
 * <p>Read are PNG, JPEG, GIF (the first image) and BMP, whatever the file is called, of at most 100 MB and 100 million pixels. Those of more than
 * 16 million are reduced first, to every k-th pixel.
 *
 * @param pixels channels × height × width, whole numbers 0 to 255; one channel is grey, three are blue, green and red
 * @param changes what was done to the image, in words; empty if nothing was
 */
public record ImageFile(float[] pixels, List<String> changes) {
    private static final int MOST_BYTES = 100_000_000;
    private static final String DAMAGED = "it is damaged";

    public ImageFile {
        changes = List.copyOf(changes);
    }

    /**
     * Reads an image.
     *
     * @param file a regular file, or a link to one
     * @param channels 1 or 3
     * @param inversion which images are inverted
     * @throws DatasetException if it cannot be read as an image, or not within the memory that there is
     */
    public static ImageFile read(Path file, int channels, int height, int width, Inversion inversion)
            throws DatasetException {
        List<String> changes = new ArrayList<>();
        byte[] bytes = pixels(file, contentOf(file, "name an image"), new Shape(channels, height, width), changes);
        if (inversion.appliesTo(bytes, 0, channels, height, width)) {
            changes.add("inverted");
            Inversion.invert(bytes, 0, bytes.length);
        }
        float[] pixels = new float[bytes.length];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = bytes[i] & 0xff;
        }
        return new ImageFile(pixels, changes);
    }

    /**
     * {@return what a file holds} A device or a pipe may have no end, and is not opened.
     *
     * @param advice what to do if it is not a regular file
     */
    static byte[] contentOf(Path file, String advice) throws DatasetException {
        if (!Files.isRegularFile(file)) {
            throw new DatasetException(file + ": is not a file; " + advice);
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
                    String.format(Locale.ROOT, "%s: is larger than %,d bytes; make it smaller", file, MOST_BYTES));
        }
        return content;
    }

    /** What an image has before it is brought to another size. */
    record Shape(int channels, int height, int width) {
        int pixels() {
            return Math.multiplyExact(channels, Math.multiplyExact(height, width));
        }
    }

    /** {@return the shape that an image has by itself: one channel if it can hold nothing but grey, otherwise three} */
    static Shape shapeOf(Path file, byte[] content) throws DatasetException {
        return decoded(file, content, image -> new Shape(image.isGrey() ? 1 : 3, image.height(), image.width()));
    }

    /**
     * {@return an image of a shape, {@code [channels, height, width]}}
     *
     * @param file what messages call it
     * @param changes to which it adds what was done
     */
    static byte[] pixels(Path file, byte[] content, Shape shape, List<String> changes) throws DatasetException {
        return decoded(file, content, image -> {
            byte[] pixels = AreaAverage.resize(
                    shape.channels() == 1 ? grey(image) : bgr(image),
                    shape.channels(),
                    image.height(),
                    image.width(),
                    shape.height(),
                    shape.width());
            changes.addAll(image.changes());
            if (image.height() != shape.height() || image.width() != shape.width()) {
                changes.add("scaled from " + image.width() + "×" + image.height());
            }
            if (shape.channels() == 1 && image.isColoured()) {
                changes.add("made grey");
            }
            return pixels;
        });
    }

    /** What is made of a decoded image. */
    @FunctionalInterface
    private interface Use<T> {
        T of(DecodedImage image);
    }

    private static <T> T decoded(Path file, byte[] content, Use<T> use) throws DatasetException {
        try {
            return use.of(ImageDecoder.decode(content));
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
