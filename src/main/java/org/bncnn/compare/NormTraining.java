package org.bncnn.compare;

import java.util.List;
import org.bncnn.train.EpochResult;

/**
 * How the network with one norm was trained.
 *
 * @param norm its name
 * @param layers what ran as batch normalization: each layer's name and classes
 * @param epochs how each epoch went
 * @param completed whether it was trained to its last epoch
 * @param testAccuracy at the end, 0 to 1
 */
public record NormTraining(
        String norm, List<String> layers, List<EpochResult> epochs, boolean completed, double testAccuracy) {
    public NormTraining {
        layers = List.copyOf(layers);
        epochs = List.copyOf(epochs);
    }
}
