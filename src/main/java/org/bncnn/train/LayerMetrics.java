package org.bncnn.train;

import java.util.List;
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
        layers = List.copyOf(layers);
        norms = List.copyOf(norms);
    }
}
