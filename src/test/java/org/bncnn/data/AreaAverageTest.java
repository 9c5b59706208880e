package org.bncnn.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.bncnn.data.ImageSet.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AreaAverageTest {
    @Test
    void halvesThirdsAndEnlargements() {
        assertThat(resized(new int[][] {{0, 100, 200}}, 1, 2)).containsExactly(33, 167); // 100 counts half in either
        assertThat(resized(new int[][] {{0, 100, 200}}, 1, 1)).containsExactly(100);
        assertThat(resized(new int[][] {{10, 30}}, 1, 3)).containsExactly(10, 20, 30);
        assertThat(resized(new int[][] {{10}, {30}}, 4, 2)).containsExactly(10, 10, 10, 10, 30, 30, 30, 30);
        assertThat(resized(new int[][] {{0, 1}}, 1, 1)).containsExactly(1); // a half is rounded up
        assertThat(resized(new int[][] {{0, 0, 0, 255}, {0, 0, 0, 255}}, 1, 2)).containsExactly(0, 128);
    }

    /** Against the definition: each pixel is weighted by the area in which it overlaps the new one. */
    @ParameterizedTest
    @CsvSource({"7, 5, 7, 5", "28, 28, 16, 16", "13, 97, 28, 28", "3, 2, 28, 31", "1, 300, 20, 1", "64, 64, 1, 1"})
    void isTheMeanByArea(int height, int width, int newHeight, int newWidth) {
        Random random = new Random(5);
        int[][] image = new int[height][width];
        for (int[] row : image) {
            for (int x = 0; x < width; x++) {
                row[x] = random.nextInt(256);
            }
        }
        int[] resized = resized(image, newHeight, newWidth);
        for (int newY = 0; newY < newHeight; newY++) {
            for (int newX = 0; newX < newWidth; newX++) {
                double sum = 0;
                for (int y = 0; y < height; y++) {
                    for (int x = 0; x < width; x++) {
                        sum += image[y][x]
                                * overlap(
                                        y, newY * (double) height / newHeight, (newY + 1) * (double) height / newHeight)
                                * overlap(x, newX * (double) width / newWidth, (newX + 1) * (double) width / newWidth);
                    }
                }
                double mean = sum * newHeight * newWidth / height / width;
                assertThat((double) resized[newY * newWidth + newX]).isBetween(mean - 0.5001, mean + 0.5001);
            }
        }
    }

    private static double overlap(int pixel, double from, double to) {
        return Math.max(0, Math.min(pixel + 1, to) - Math.max(pixel, from));
    }

    @Test
    void channelsAreApart() {
        byte[] resized = AreaAverage.resize(
                (y, values) -> {
                    values[0][0] = 10;
                    values[1][0] = 20;
                },
                1,
                1,
                new Shape(2, 1, 2));
        assertThat(resized).containsExactly(10, 10, 20, 20);
    }

    private static int[] resized(int[][] image, int newHeight, int newWidth) {
        byte[] resized = AreaAverage.resize(
                (y, values) -> System.arraycopy(image[y], 0, values[0], 0, image[y].length),
                image.length,
                image[0].length,
                new Shape(1, newHeight, newWidth));
        int[] values = new int[resized.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = resized[i] & 0xff;
        }
        return values;
    }
}
