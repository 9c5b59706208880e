package org.bncnn.train;

import java.util.List;
import java.util.Objects;
import org.bncnn.eval.LayerSignal;
import org.bncnn.eval.NormSignal;

/**
 * What training has made of the layers, seen on the same batch of training images each time.
 *
 * @param epoch after which it is; 0 for before the training
 * @param layers those with weights
 * @param norms those that normalise
 */
public record LayerMetrics(int epoch, List<LayerSignal> layers, List<NormSignal> norms) {
    public LayerMetrics {
        if (epoch < 0) {
            throw new IllegalArgumentException("completed epochs must be at least 0, not " + epoch);
        }
        layers = List.copyOf(Objects.requireNonNull(layers, "layers"));
        norms = List.copyOf(Objects.requireNonNull(norms, "norms"));
    }
}
