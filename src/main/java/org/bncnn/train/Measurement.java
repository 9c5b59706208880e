package org.bncnn.train;

import java.util.Objects;

/**
 * A measurement of a network during its training.
 *
 * @param images the images it was measured on
 * @param accuracy share of them classified correctly, 0 to 1
 * @param loss mean cross-entropy on them
 */
public record Measurement(HeldOut images, double accuracy, double loss) {
    /** Checks the components. */
    public Measurement {
        Objects.requireNonNull(images, "images");
        if (accuracy < 0 || accuracy > 1) {
            throw new IllegalArgumentException("accuracy must be a share, 0 to 1, not " + accuracy);
        }
    }
}
