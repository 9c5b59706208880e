package org.bncnn.compare;

import java.util.List;
import org.bncnn.train.Provenance;

/**
 * What {@code bncnn compare} found.
 *
 * @param provenance what it was made of
 * @param parityBatches how many batches the parity was measured on
 * @param parity of the custom layer with the built-in one; empty unless both were compared
 * @param speed of the layers alone; empty unless both were compared
 * @param training by norm
 * @param verdict in plain words
 */
public record Comparison(
        Provenance provenance,
        int parityBatches,
        List<LayerParity> parity,
        List<LayerSpeed> speed,
        List<NormTraining> training,
        List<String> verdict) {
    public Comparison {
        parity = List.copyOf(parity);
        speed = List.copyOf(speed);
        training = List.copyOf(training);
        verdict = List.copyOf(verdict);
    }
}
