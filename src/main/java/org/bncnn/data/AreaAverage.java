package org.bncnn.data;

import java.util.Arrays;
import org.bncnn.data.ImageSet.Shape;

/**
 * Scales images to any size and proportions: a pixel of the result is the mean of the pixels that lie within it,
 * weighted by the area that does, rounded to the nearest whole number. An image of the right size stays as it is. The
 * arithmetic is in whole numbers, so that the result is the same everywhere.
 */
final class AreaAverage {
    private AreaAverage() {}

    /** Gives the rows of an image. */
    @FunctionalInterface
    interface Rows {
        /** @param values {@code [channels][width]}, receives the row */
        void row(int y, int[][] values);
    }

    /**
     * {@return an image of another size, {@code [C, H, W]}}
     *
     * @param image whose values are 0 to 255
     * @param height of the image
     * @param width of the image
     * @param shape of the result
     */
    static byte[] resize(Rows image, int height, int width, Shape shape) {
        byte[] resized = new byte[shape.length()];
        int channels = shape.channels();
        int newHeight = shape.height();
        int newWidth = shape.width();
        int area = newHeight * newWidth;
        int[][] row = new int[channels][width];
        long[][] narrowed = new long[channels][newWidth];
        long[][] sums = new long[channels][newWidth];
        long weights = (long) height * width;
        int last = -1;
        for (int newY = 0; newY < newHeight; newY++) {
            for (long[] sum : sums) {
                Arrays.fill(sum, 0);
            }
            long from = (long) newY * height; // a row of the image is newHeight high, one of the result height
            for (int y = (int) (from / newHeight); (long) y * newHeight < from + height; y++) {
                if (y != last) {
                    image.row(y, row);
                    narrow(row, narrowed);
                    last = y;
                }
                long overlap = overlap(y, newHeight, from, height);
                for (int c = 0; c < channels; c++) {
                    for (int x = 0; x < newWidth; x++) {
                        sums[c][x] += overlap * narrowed[c][x];
                    }
                }
            }
            for (int c = 0; c < channels; c++) {
                for (int x = 0; x < newWidth; x++) {
                    resized[c * area + newY * newWidth + x] = (byte) ((sums[c][x] + weights / 2) / weights);
                }
            }
        }
        return resized;
    }

    private static void narrow(int[][] row, long[][] narrowed) {
        for (int c = 0; c < row.length; c++) {
            int width = row[c].length;
            int newWidth = narrowed[c].length;
            for (int newX = 0; newX < newWidth; newX++) {
                long from = (long) newX * width;
                long sum = 0;
                for (int x = (int) (from / newWidth); (long) x * newWidth < from + width; x++) {
                    sum += overlap(x, newWidth, from, width) * row[c][x];
                }
                narrowed[c][newX] = sum;
            }
        }
    }

    /** {@return the part of a pixel that lies within a stretch} */
    private static long overlap(int pixel, int size, long from, int length) {
        long start = (long) pixel * size;
        return Math.min(start + size, from + length) - Math.max(start, from);
    }
}
