package org.bncnn.experiment;

import java.util.List;
import org.bncnn.eval.LayerSignal;

/**
 * One network of an experiment.
 *
 * @param norm that it has
 * @param setting what was done to it
 * @param atStart its layers on the first batch, before any training
 * @param spreads how far the first batch's images are apart in what each of these layers passes on, before any training: standard
 *     deviation of an activation over the images, mean of the layer's activations
 * @param atEnd the layers after training
 * @param diverged whether its loss became infinite or no number, so that it was not trained to the end
 * @param trainLoss mean over the last epoch; null if it diverged
 * @param accuracy share of the test images classified correctly at the end; null if it diverged
 */
public record Trial(
        String norm,
        String setting,
        List<LayerSignal> atStart,
        List<Double> spreads,
        List<LayerSignal> atEnd,
        boolean diverged,
        Double trainLoss,
        Double accuracy) {
    public Trial {
        atStart = List.copyOf(atStart);
        spreads = List.copyOf(spreads);
        atEnd = List.copyOf(atEnd);
    }

    /** {@return the norm of the first layer's gradient, before training} */
    public double firstGradient() {
        return atStart.get(0).gradientNorm();
    }

    /** {@return the norm of the last layer's gradient, before training} */
    public double lastGradient() {
        return atStart.get(atStart.size() - 1).gradientNorm();
    }

    /** {@return how far images are apart in the last hidden layer, before training} */
    public double lastSpread() {
        return spreads.get(spreads.size() - 2);
    }

    /** {@return the largest share of flat activations that a layer has, before training} */
    public double mostFlat() {
        return atStart.stream().mapToDouble(LayerSignal::flat).max().orElse(0);
    }
}
