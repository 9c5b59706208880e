package org.bncnn.data;

import java.util.Locale;

/**
 * Which images are inverted, each pixel to 255 − pixel, before a network sees them. Images of the MNIST family are light on black, most
 * photographs of single things are dark on white.
 */
public enum Inversion {
    /** None: images are taken as they are. */
    NEVER,
    /** Grey image files whose outermost pixels are light, a mean of 128 or more: light and dark then are as in the training images. */
    LIGHT_BORDER,
    /** All. */
    ALWAYS;

    private static final int LIGHT = 128;

    /**
     * {@return what models do that say nothing of it}
     *
     * @param channels of their images
     */
    public static Inversion unrecorded(int channels) {
        return channels == 1 ? LIGHT_BORDER : NEVER;
    }

    /** {@return whether an image is to be inverted} */
    boolean appliesTo(byte[] pixels, int first, int channels, int height, int width) {
        return this == ALWAYS
                || this == LIGHT_BORDER && channels == 1 && borderMean(pixels, first, height, width) >= LIGHT;
    }

    /** {@return what is to be done with other images so that they are like these} */
    static Inversion toBeLike(ImageSet images) {
        double sum = 0;
        for (int i = 0; i < images.size(); i++) {
            sum += borderMean(images.pixels(), i * images.height() * images.width(), images.height(), images.width());
        }
        return images.channels() == 1 && sum / images.size() < LIGHT ? LIGHT_BORDER : NEVER;
    }

    private static double borderMean(byte[] pixels, int first, int height, int width) {
        double sum = 0;
        int count = 0;
        for (int y = 0; y < height; y++) {
            boolean inner = y > 0 && y < height - 1;
            for (int x = 0; x < width; x += inner ? Math.max(width - 1, 1) : 1) {
                sum += pixels[first + y * width + x] & 0xff;
                count++;
            }
        }
        return sum / count;
    }

    static void invert(byte[] pixels, int first, int length) {
        for (int i = first; i < first + length; i++) {
            pixels[i] = (byte) ~pixels[i]; // 255 − pixel
        }
    }

    /** {@return the name used on the command line and in files} */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
