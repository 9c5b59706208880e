package org.bncnn.experiment;

import java.util.List;
import org.bncnn.eval.LayerSignal;
import org.bncnn.train.Provenance;

/**
 * The result of an {@link Experiment}.
 *
 * @param experiment the experiment
 * @param question its question
 * @param axis what its settings differ in
 * @param provenance provenance of all trials; the recipe is that of the first setting
 * @param trials the trials in the order they were made in: each setting with each norm
 */
public record ExperimentResult(
        Experiment experiment, String question, String axis, Provenance provenance, List<Trial> trials) {
    /** Copies the lists. */
    public ExperimentResult {
        trials = List.copyOf(trials);
    }

    /** {@return the settings, in their order} */
    public List<String> settings() {
        return trials.stream().map(Trial::setting).distinct().toList();
    }

    /** {@return the norms, in their order} */
    public List<String> norms() {
        return trials.stream().map(Trial::norm).distinct().toList();
    }

    /**
     * {@return the trials with a norm}
     *
     * @param norm its name
     */
    public List<Trial> withNorm(String norm) {
        return trials.stream().filter(trial -> trial.norm().equals(norm)).toList();
    }

    /** {@return the trials of the last setting, which is the hardest where there is an order} */
    public List<Trial> hardest() {
        String last = trials.isEmpty() ? null : trials.get(trials.size() - 1).setting();
        return trials.stream().filter(trial -> trial.setting().equals(last)).toList();
    }

    /**
     * One network of an experiment.
     *
     * @param norm its norm
     * @param setting its setting
     * @param atStart its layers on the first batch, before training
     * @param spreads for each of these layers, how far apart the images of that batch are in what it passes on, before
     *     training: standard deviation of an activation over the images, mean of the layer's activations
     * @param atEnd its layers on the first batch, after training
     * @param diverged whether its loss became infinite or NaN, so that it was not trained to the end
     * @param trainLoss mean over the last epoch; null if it diverged
     * @param accuracy share of the test images classified correctly at the end, 0 to 1; null if it diverged
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
        /** Copies the lists. */
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

        /** {@return how far apart images are in the last hidden layer, before training} */
        public double lastSpread() {
            return spreads.get(spreads.size() - 2);
        }

        /** {@return the largest share of flat activations that a layer has, before training} */
        public double mostFlat() {
            return atStart.stream().mapToDouble(LayerSignal::flat).max().orElse(0);
        }
    }
}
