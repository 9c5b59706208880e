package org.bncnn.model;

import java.io.Serializable;

/**
 * How training images are changed, differently in each epoch, so that a network learns what stays the same.
 *
 * @param flip whether each image is turned left to right with probability ½
 * @param shift largest distance in pixels by which images are moved, up or down and left or right; what comes in is 0
 * @param erase share of images in which a rectangle is set to 0: Zhong et al. (2017), "Random Erasing Data
 *     Augmentation"
 */
public record Augmentation(boolean flip, int shift, double erase) implements Serializable {
    private static final long serialVersionUID = 1L;

    /** Images as they are. */
    public static final Augmentation NONE = new Augmentation(false, 0, 0);

    /** Checks the components. */
    public Augmentation {
        if (shift < 0) {
            throw new IllegalArgumentException("shift must be at least 0 pixels, not " + shift);
        }
        if (!(erase >= 0 && erase <= 1)) {
            throw new IllegalArgumentException("erase must be 0 to 1, not " + erase);
        }
    }
}
