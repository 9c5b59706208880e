package org.bncnn.train;

/**
 * How well a network did at some time of its training.
 *
 * @param images it was measured on
 * @param accuracy share of them classified correctly, 0 to 1
 * @param loss mean cross-entropy on them
 */
public record Measurement(HeldOut images, double accuracy, double loss) {}
