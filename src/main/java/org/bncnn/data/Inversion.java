package org.bncnn.data;

import java.util.Locale;
import org.bncnn.data.ImageSet.Shape;

/**
 * A choice of images to invert, each pixel to 255 − pixel, before a network sees them. Images of the MNIST family are
 * light on black, most photographs of single things are dark on white.
 */
public enum Inversion {
    /** None: images are taken as they are. */
    NEVER,
    /**
     * Grey image files whose outermost pixels are light, a mean of 128 or more: light and dark then are as in the
     * training images.
     */
    LIGHT_BORDER,
    /** All. */
    ALWAYS;

    private static final int LIGHT = 128;

    /**
     * {@return the inversion of a model that does not record one}
     *
     * @param channels of its images
     */
    public static Inversion unrecorded(int channels) {
        return channels == 1 ? LIGHT_BORDER : NEVER;
    }

    /**
     * Inverts an image, if that applies to it.
     *
     * @param pixels of images, of which one is inverted in place
     * @param first position of its first pixel
     * @return whether it was inverted
     */
    boolean apply(byte[] pixels, int first, Shape shape) {
        boolean applies = this == ALWAYS
                || this == LIGHT_BORDER && shape.channels() == 1 && borderMean(pixels, first, shape) >= LIGHT;
        if (applies) {
            for (int i = first; i < first + shape.length(); i++) {
                pixels[i] = (byte) ~pixels[i]; // 255 − pixel
            }
        }
        return applies;
    }

    /** {@return the inversion that makes other images like these} */
    static Inversion toBeLike(ImageSet images) {
        double sum = 0;
        for (int i = 0; i < images.size(); i++) {
            sum += borderMean(images.pixels(), i * images.height() * images.width(), images.shape());
        }
        return images.channels() == 1 && sum / images.size() < LIGHT ? LIGHT_BORDER : NEVER;
    }

    private static double borderMean(byte[] pixels, int first, Shape shape) {
        double sum = 0;
        int count = 0;
        for (int y = 0; y < shape.height(); y++) {
            boolean inner = y > 0 && y < shape.height() - 1;
            for (int x = 0; x < shape.width(); x += inner ? Math.max(shape.width() - 1, 1) : 1) {
                sum += pixels[first + y * shape.width() + x] & 0xff;
                count++;
            }
        }
        return sum / count;
    }

    /** {@return the name used on the command line and in files} */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
