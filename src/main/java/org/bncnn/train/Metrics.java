package org.bncnn.train;

import java.util.List;
import java.util.stream.Stream;
import org.bncnn.eval.LayerSignal;
import org.bncnn.eval.NormSignal;

/**
 * The progress of a training until now.
 *
 * @param losses training losses, in their order
 * @param epochs completed epochs
 * @param layers statistics of the layers before the first epoch, and after each completed one
 */
public record Metrics(List<LossReport> losses, List<EpochResult> epochs, List<LayerMetrics> layers) {
    /** The metrics of a training that has not begun. */
    public static final Metrics NONE = new Metrics(List.of(), List.of(), List.of());

    /** Checks the components and copies the lists. */
    public Metrics {
        losses = List.copyOf(losses);
        epochs = List.copyOf(epochs);
        layers = List.copyOf(layers);
        if (epochs.stream().map(epoch -> epoch.measured() == null).distinct().count() > 1) {
            throw new IllegalArgumentException("some epochs were measured, and some were not");
        }
        if (layers.stream().map(Metrics::names).distinct().count() > 1) {
            throw new IllegalArgumentException("the layers are not the same after each epoch");
        }
    }

    private static List<String> names(LayerMetrics metrics) {
        return Stream.concat(
                        metrics.layers().stream().map(LayerSignal::layer),
                        metrics.norms().stream().map(NormSignal::layer))
                .toList();
    }
}
