package org.bncnn.train;

import java.util.List;

/**
 * How a training went until now.
 *
 * @param losses in their order
 * @param epochs those that are over
 * @param layers before the first epoch, and after each that is over
 */
public record Metrics(List<LossReport> losses, List<EpochResult> epochs, List<LayerMetrics> layers) {
    /** Those of a training that has not begun. */
    public static final Metrics NONE = new Metrics(List.of(), List.of(), List.of());

    public Metrics {
        losses = List.copyOf(losses);
        epochs = List.copyOf(epochs);
        layers = List.copyOf(layers);
    }
}
