package org.bncnn.data;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.Image;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;

/**
 * An image of any size and colour, made into what a network takes.
 *
 * @param pixels channels × height × width, 0 to 255; one channel is grey, three are blue, green and red, as DataVec has them
 * @param changes what was done to the image, in words; empty if nothing was
 */
public record ImageFile(float[] pixels, List<String> changes) {
    /** A larger image is refused before its pixels are unpacked. */
    private static final long MOST_PIXELS = 64_000_000;

    private static final int LIGHT = 128;

    public ImageFile {
        changes = List.copyOf(changes);
    }

    /**
     * Reads an image: the first, if a file has several. Transparent parts become white. It is scaled to the size asked for, whatever its
     * proportions; a grey one with a light border is inverted, because Fashion-MNIST's images, like those of MNIST, are light on black.
     *
     * @param file PNG, JPEG, GIF or BMP
     * @param channels 1 or 3
     * @throws DatasetException if it cannot be read as an image
     */
    public static ImageFile read(Path file, int channels, int height, int width) throws DatasetException {
        if (!Files.isRegularFile(file)) {
            throw new DatasetException(file + ": is not a file; name an image");
        }
        try {
            return convert(decode(file), channels, height, width);
        } catch (IOException | RuntimeException e) {
            throw new DatasetException(file + ": cannot be read as an image (" + e.getMessage() + ")", e);
        }
    }

    private static BufferedImage decode(Path file) throws IOException {
        try (ImageInputStream in = ImageIO.createImageInputStream(file.toFile())) {
            Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
            if (!readers.hasNext()) {
                throw new IOException("it is neither PNG, JPEG, GIF nor BMP");
            }
            ImageReader reader = readers.next();
            try {
                reader.setInput(in, true, true);
                long size = (long) reader.getWidth(0) * reader.getHeight(0);
                if (size > MOST_PIXELS) {
                    throw new IOException(
                            String.format(Locale.ROOT, "it has %,d pixels, more than %,d", size, MOST_PIXELS));
                }
                return reader.read(0);
            } finally {
                reader.dispose();
            }
        }
    }

    private static ImageFile convert(BufferedImage image, int channels, int height, int width) {
        List<String> changes = new ArrayList<>();
        BufferedImage opaque = draw(image, image.getWidth(), image.getHeight());
        BufferedImage sized = opaque;
        if (image.getWidth() != width || image.getHeight() != height) {
            changes.add("scaled from " + image.getWidth() + "×" + image.getHeight());
            sized = draw(opaque.getScaledInstance(width, height, Image.SCALE_AREA_AVERAGING), width, height);
        }
        float[] pixels = new float[channels * height * width];
        boolean coloured = false;
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                Color color = new Color(sized.getRGB(x, y));
                int at = y * width + x;
                if (channels == 1) {
                    coloured |= color.getRed() != color.getGreen() || color.getGreen() != color.getBlue();
                    pixels[at] = luma(color);
                } else {
                    pixels[at] = color.getBlue();
                    pixels[height * width + at] = color.getGreen();
                    pixels[2 * height * width + at] = color.getRed();
                }
            }
        }
        if (coloured) {
            changes.add("made grey");
        }
        if (channels == 1 && isLightAtTheBorder(pixels, height, width)) {
            changes.add("inverted");
            for (int i = 0; i < pixels.length; i++) {
                pixels[i] = 255 - pixels[i];
            }
        }
        return new ImageFile(pixels, changes);
    }

    private static BufferedImage draw(Image image, int width, int height) {
        BufferedImage drawn = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = drawn.createGraphics();
        graphics.setColor(Color.WHITE);
        graphics.fillRect(0, 0, width, height);
        graphics.drawImage(image, 0, 0, null);
        graphics.dispose();
        return drawn;
    }

    /** ITU-R BT.601, as image libraries have it; whole numbers stay what they are if the colour is grey. */
    private static float luma(Color color) {
        return Math.round((299 * color.getRed() + 587 * color.getGreen() + 114 * color.getBlue()) / 1000f);
    }

    private static boolean isLightAtTheBorder(float[] pixels, int height, int width) {
        double sum = 0;
        int count = 0;
        for (int y = 0; y < height; y++) {
            boolean inner = y > 0 && y < height - 1;
            for (int x = 0; x < width; x += inner ? Math.max(width - 1, 1) : 1) {
                sum += pixels[y * width + x];
                count++;
            }
        }
        return sum / count >= LIGHT;
    }
}
