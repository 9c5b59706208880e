package org.bncnn.experiment;

import java.util.List;
import org.bncnn.train.Provenance;

/**
 * What came out of an {@link Experiment}.
 *
 * @param experiment which it was
 * @param question what it asked
 * @param axis what its settings differ in
 * @param provenance of all of it; the recipe is that of the first setting
 * @param trials in the order they were made in: each setting with each norm
 */
public record ExperimentResult(
        Experiment experiment, String question, String axis, Provenance provenance, List<Trial> trials) {
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

    /** {@return the trials with a norm} */
    public List<Trial> withNorm(String norm) {
        return trials.stream().filter(trial -> trial.norm().equals(norm)).toList();
    }

    /** {@return the trials of the last setting, which is the hardest where there is an order} */
    public List<Trial> hardest() {
        String last = trials.isEmpty() ? null : trials.get(trials.size() - 1).setting();
        return trials.stream().filter(trial -> trial.setting().equals(last)).toList();
    }
}
