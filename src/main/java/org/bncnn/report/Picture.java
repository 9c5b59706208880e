package org.bncnn.report;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Base64;
import javax.imageio.ImageIO;
import javax.imageio.stream.ImageOutputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/**
 * A small picture within a page.
 *
 * @param png in base 64
 * @param width in pixels of its own
 * @param height in pixels of its own
 * @param caption what is to be read below it
 */
record Picture(String png, int width, int height, String caption) {
    /**
     * {@return a grey picture}
     *
     * @param values row by row; the smallest becomes black, the largest white
     */
    static Picture grey(float[] values, int width, int height, String caption) throws IOException {
        float min = Float.POSITIVE_INFINITY;
        float max = Float.NEGATIVE_INFINITY;
        for (float value : values) {
            min = Math.min(min, value);
            max = Math.max(max, value);
        }
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_BYTE_GRAY);
        for (int i = 0; i < values.length; i++) {
            int grey = max > min ? Math.round(255 * (values[i] - min) / (max - min)) : 0;
            image.getRaster().setSample(i % width, i / width, 0, grey);
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        // In memory: Image I/O's own cache is a file, and cannot be made any more once Ctrl-C has ended the program.
        try (ImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
            ImageIO.write(image, "png", out);
        }
        return new Picture(Base64.getEncoder().encodeToString(bytes.toByteArray()), width, height, caption);
    }
}
