package org.bncnn.experiment;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/** What an experiment shows, in words. */
final class ExperimentVerdict {
    private ExperimentVerdict() {}

    static List<String> of(ExperimentResult result) {
        List<String> sentences = new ArrayList<>();
        for (String norm : result.norms()) {
            sentences.add(accuracies(norm, result.withNorm(norm)));
        }
        if (!result.trials().isEmpty()) {
            gradients(result).ifPresent(sentences::add);
        }
        return sentences;
    }

    private static String accuracies(String norm, List<Trial> trials) {
        List<Trial> trained = trials.stream()
                .filter(trial -> !trial.diverged())
                .sorted(Comparator.comparing(Trial::accuracy))
                .toList();
        String range = trained.isEmpty()
                ? "nothing was learnt"
                : text(
                        "test accuracy from %.2f %% (%s) to %.2f %% (%s)",
                        100 * trained.get(0).accuracy(),
                        trained.get(0).setting(),
                        100 * trained.get(trained.size() - 1).accuracy(),
                        trained.get(trained.size() - 1).setting());
        String diverged =
                trials.stream().filter(Trial::diverged).map(Trial::setting).collect(Collectors.joining(", "));
        return "Norm " + norm + ": " + range + (diverged.isEmpty() ? "." : "; it diverged at " + diverged + ".");
    }

    /** Of the hardest setting; empty where the settings do not touch the gradients before training. */
    private static Optional<String> gradients(ExperimentResult result) {
        List<Trial> last = result.hardest();
        String setting = last.get(0).setting();
        return switch (result.experiment()) {
            case VANISHING ->
                Optional.of(text(
                        "Through %s layers: before training, the ratio of the first layer's gradient to the last one's is %s. Slopes of"
                                + " at most 0.25 alone allow 0.25 to the power of %s: %.1e.",
                        setting,
                        each(last, trial -> trial.firstGradient() / trial.lastGradient()),
                        setting,
                        Math.pow(Experiment.SIGMOID_SLOPE, Integer.parseInt(setting))));
            case EXPLODING, INIT ->
                Optional.of(text(
                        "Weights %s: before training, the norm of the first layer's gradient is %s.",
                        setting, each(last, Trial::firstGradient)));
            case LEARNING_RATE, BATCH_SIZE -> Optional.empty();
        };
    }

    private static String each(List<Trial> trials, ToDoubleFunction<Trial> value) {
        return trials.stream()
                .map(trial -> text("%.1e with norm %s", value.applyAsDouble(trial), trial.norm()))
                .collect(Collectors.joining(", "));
    }

    private static String text(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
