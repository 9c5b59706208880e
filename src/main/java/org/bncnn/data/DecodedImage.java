package org.bncnn.data;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** An image as its file stores it; {@link ImageDecoder} says how its pixels are read. */
final class DecodedImage {
    private static final int WHITE = 255;

    private final ImageContent content;
    private final int reduction;
    private final Raster raster;
    private final int[] palette;
    private final int bands;
    private final int[] bits;
    private final int[] samples;
    private boolean coloured;
    private boolean transparent;

    /** @param reduction k, where only every k-th pixel was decoded in each direction */
    DecodedImage(ImageContent content, int reduction, BufferedImage decoded) {
        this.content = content;
        this.reduction = reduction;
        raster = decoded.getRaster();
        palette = decoded.getColorModel() instanceof IndexColorModel colours ? palette(colours) : null;
        bands = raster.getNumBands();
        bits = raster.getSampleModel().getSampleSize();
        samples = new int[bands * Math.max(raster.getWidth(), raster.getHeight())];
    }

    /** Indices beyond its end are black. */
    private static int[] palette(IndexColorModel colours) {
        int[] palette = new int[Math.max(1 << colours.getPixelSize(), colours.getMapSize())];
        Arrays.fill(palette, 0xFF000000);
        colours.getRGBs(palette);
        return palette;
    }

    /** {@return pixels in a row of the image turned upright} */
    int width() {
        return content.orientation().transposed() ? storedHeight() : storedWidth();
    }

    /** {@return rows of the image turned upright} */
    int height() {
        return content.orientation().transposed() ? storedWidth() : storedHeight();
    }

    private int storedWidth() {
        return Math.max(reduced(content.width(), reduction), content.left() / reduction + raster.getWidth());
    }

    private int storedHeight() {
        return Math.max(reduced(content.height(), reduction), content.top() / reduction + raster.getHeight());
    }

    /** {@return the number of pixels left of a row or column when only every k-th is kept} */
    static int reduced(int pixels, int k) {
        return (pixels + k - 1) / k;
    }

    /** {@return whether the file can hold nothing but grey} */
    boolean isGrey() {
        return palette == null ? bands < 3 : IntStream.of(palette).noneMatch(DecodedImage::isColoured);
    }

    /** {@return what was done to it, in words} */
    List<String> changes() {
        List<String> changes = new ArrayList<>();
        if (reduction > 1) {
            changes.add("reduced from " + content.width() + "×" + content.height());
        }
        if (!content.orientation().equals(Orientation.UPRIGHT)) {
            changes.add("turned by Exif");
        }
        if (transparent) {
            changes.add("laid on white");
        }
        return changes;
    }

    /** {@return whether a pixel that was read is not grey} */
    boolean isColoured() {
        return coloured;
    }

    /**
     * Reads a row of the image turned upright and laid on white.
     *
     * @param rgb {@code [3][width]}, receives red, green and blue, 0 to 255
     */
    void row(int y, int[][] rgb) {
        Orientation orientation = content.orientation();
        boolean columns = orientation.transposed();
        int lines = columns ? raster.getWidth() : raster.getHeight();
        int length = columns ? raster.getHeight() : raster.getWidth();
        int line = y - content.top() / reduction;
        int left = content.left() / reduction;
        if (line < 0 || line >= lines || length < rgb[0].length) {
            for (int[] channel : rgb) {
                Arrays.fill(channel, WHITE);
            }
            transparent = true;
        }
        if (line < 0 || line >= lines) {
            return;
        }
        line = orientation.linesBackwards() ? lines - 1 - line : line;
        raster.getPixels(columns ? line : 0, columns ? 0 : line, columns ? 1 : length, columns ? length : 1, samples);
        for (int i = 0; i < length; i++) {
            int argb = argb(i * bands);
            int x = left + (orientation.backwards() ? length - 1 - i : i);
            for (int c = 0; c < 3; c++) {
                rgb[c][x] = onWhite(argb >> 16 - 8 * c & 0xff, argb >>> 24);
            }
            coloured |= isColoured(argb);
            transparent |= argb >>> 24 < 255;
        }
    }

    private static boolean isColoured(int argb) {
        return argb >>> 24 > 0 && ((argb >> 16 & 0xff) != (argb & 0xff) || (argb >> 8 & 0xff) != (argb & 0xff));
    }

    private int argb(int first) {
        if (palette != null) {
            return palette[samples[first]];
        }
        int alpha = bands % 2 == 0 ? eightBits(first, bands - 1) : 255;
        int red = eightBits(first, 0);
        int green = bands < 3 ? red : eightBits(first, 1);
        int blue = bands < 3 ? red : eightBits(first, 2);
        return alpha << 24 | red << 16 | green << 8 | blue;
    }

    private int eightBits(int first, int band) {
        int sample = samples[first + band];
        int depth = bits[band];
        int largest = (1 << depth) - 1;
        return depth > 8 ? sample >> depth - 8 : (sample * 255 + largest / 2) / largest;
    }

    private static int onWhite(int value, int alpha) {
        return (value * alpha + WHITE * (255 - alpha) + 127) / 255;
    }
}
