package org.bncnn.train;

import java.util.List;
import java.util.Objects;
import org.bncnn.eval.LayerSignal;
import org.bncnn.eval.NormSignal;

/**
 * Statistics of the layers after an epoch, on the same batch of training images each time.
 *
 * @param epoch number of completed epochs; 0 before the training
 * @param layers the layers with weights
 * @param norms the layers that normalise
 */
public record LayerMetrics(int epoch, List<LayerSignal> layers, List<NormSignal> norms) {
    /** Checks the components and copies the lists. */
    public LayerMetrics {
        if (epoch < 0) {
            throw new IllegalArgumentException("completed epochs must be at least 0, not " + epoch);
        }
        layers = List.copyOf(Objects.requireNonNull(layers, "layers"));
        norms = List.copyOf(Objects.requireNonNull(norms, "norms"));
    }
}
