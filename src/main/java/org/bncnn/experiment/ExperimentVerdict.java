package org.bncnn.experiment;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
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
            sentences.addAll(beforeTraining(result));
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

    /** Of the hardest setting; none where the settings do not touch what is there before training. */
    private static List<String> beforeTraining(ExperimentResult result) {
        List<Trial> last = result.hardest();
        String setting = last.get(0).setting();
        return switch (result.experiment()) {
            case VANISHING ->
                List.of(
                        text(
                                "Through %s layers: before training, the ratio of the first layer's gradient to the last one's is %s."
                                        + " Slopes of at most 0.25 alone allow 0.25 to the power of %s: %.1e.",
                                setting,
                                each(last, trial -> trial.firstGradient() / trial.lastGradient()),
                                setting,
                                Math.pow(Experiment.SIGMOID_SLOPE, Integer.parseInt(setting))),
                        spread(last));
            case HALVES -> List.of(spread(last));
            case EXPLODING, INIT ->
                List.of(text(
                        "Hidden weights %s: before training, the first layer's gradient is that at ×1 times %s. Behind batch normalization"
                                + " it is divided by the weights' scale (Ioffe & Szegedy 2015, §3.3).",
                        setting,
                        each(
                                last,
                                trial -> trial.firstGradient()
                                        / unscaled(result, trial).firstGradient())));
            case LEARNING_RATE, BATCH_SIZE -> List.of();
        };
    }

    private static String spread(List<Trial> last) {
        return text(
                "In the last hidden layer, before training, the standard deviation between images is %s. What is behind that layer"
                        + " cannot tell images apart that look the same to it.",
                each(last, Trial::lastSpread));
    }

    /** {@return the trial with the same norm and activation whose weights are as they were drawn} */
    private static Trial unscaled(ExperimentResult result, Trial scaled) {
        String setting = scaled.setting().replaceFirst("×.*", "×1");
        return result.withNorm(scaled.norm()).stream()
                .filter(trial -> trial.setting().equals(setting))
                .findFirst()
                .orElseThrow();
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
