package org.bncnn.train;

import java.util.Objects;

/**
 * How well a network did at some time of its training.
 *
 * @param images it was measured on
 * @param accuracy share of them classified correctly, 0 to 1
 * @param loss mean cross-entropy on them
 */
public record Measurement(HeldOut images, double accuracy, double loss) {
    public Measurement {
        Objects.requireNonNull(images, "images");
        if (accuracy < 0 || accuracy > 1) {
            throw new IllegalArgumentException("accuracy must be a share, 0 to 1, not " + accuracy);
        }
    }
}
