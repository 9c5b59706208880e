package org.bncnn.experiment;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.bncnn.experiment.ExperimentResult.Trial;
import org.bncnn.text.Lines;
import org.bncnn.text.Numbers;

/** An {@link ExperimentResult} as text for a terminal: a row per trial, then a verdict. */
public final class ExperimentText {
    private ExperimentText() {}

    /**
     * {@return everything that was found, in several lines}
     *
     * @param result the result
     */
    public static String render(ExperimentResult result) {
        Lines text = new Lines();
        text.add(
                "%s (%s; seed %d)",
                result.question(),
                result.provenance().dataset(),
                result.provenance().recipe().seed());
        text.add("");
        text.add(
                "%-18s %-8s  %14s %14s %9s %6s  %10s %9s",
                result.axis(), "norm", "first layer", "last layer", "spread", "flat", "train loss", "accuracy");
        for (Trial trial : result.trials()) {
            text.add(
                    "%-18s %-8s  %14.2e %14.2e %9.1e %4.0f %%  %10s %9s",
                    trial.setting(),
                    trial.norm(),
                    trial.firstGradient(),
                    trial.lastGradient(),
                    trial.lastSpread(),
                    100 * trial.mostFlat(),
                    trial.diverged() ? "diverged" : Numbers.format("%.4f", trial.trainLoss()),
                    trial.diverged() ? "" : Numbers.percent(trial.accuracy()));
        }
        text.add("");
        text.add("First and last layer: L2 norm of the gradient by the weights, on the first batch before training.");
        text.add("Spread: standard deviation between the images of that batch in the last hidden layer, mean of its"
                + " activations.");
        text.add("Flat: the largest share of a layer's activations at which the activation function passes no"
                + " gradient (slope below 0.01).");
        text.add("");
        verdict(result).forEach(sentence -> text.add("- %s", sentence));
        return text.toString();
    }

    /**
     * {@return what was measured, in sentences}
     *
     * @param result the result
     */
    public static List<String> verdict(ExperimentResult result) {
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
                ? "no training reached its end"
                : Numbers.format(
                        "test accuracy from %.2f %% (%s) to %.2f %% (%s)",
                        100 * trained.get(0).accuracy(),
                        trained.get(0).setting(),
                        100 * trained.get(trained.size() - 1).accuracy(),
                        trained.get(trained.size() - 1).setting());
        String diverged =
                trials.stream().filter(Trial::diverged).map(Trial::setting).collect(Collectors.joining(", "));
        return "Norm " + norm + ": " + range + (diverged.isEmpty() ? "." : "; it diverged at " + diverged + ".");
    }

    /** Of the hardest setting; none where the settings do not change the network before training. */
    private static List<String> beforeTraining(ExperimentResult result) {
        List<Trial> last = result.hardest();
        String setting = last.get(0).setting();
        return switch (result.experiment()) {
            case VANISHING ->
                List.of(
                        Numbers.format(
                                "Through %s layers: before training, the ratio of the first layer's gradient to the"
                                        + " last one's is %s. The slopes of %s sigmoids, each at most 0.25, multiply"
                                        + " to at most %.1e.",
                                setting,
                                each(last, trial -> trial.firstGradient() / trial.lastGradient()),
                                setting,
                                Math.pow(Experiment.SIGMOID_SLOPE, Integer.parseInt(setting))),
                        spread(last));
            case HALVES -> List.of(spread(last));
            case EXPLODING, INIT ->
                List.of(Numbers.format(
                        "Hidden weights %s: before training, the first layer's gradient is that at ×1 times %s."
                                + " Behind batch normalization it is divided by the weights' scale (Ioffe & Szegedy"
                                + " 2015, §3.3).",
                        setting,
                        each(
                                last,
                                trial -> trial.firstGradient()
                                        / unscaled(result, trial).firstGradient())));
            case LEARNING_RATE, BATCH_SIZE -> List.of();
        };
    }

    private static String spread(List<Trial> last) {
        return "In the last hidden layer, before training, the standard deviation between images is "
                + each(last, Trial::lastSpread) + ".";
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
                .map(trial -> Numbers.format("%.1e with norm %s", value.applyAsDouble(trial), trial.norm()))
                .collect(Collectors.joining(", "));
    }
}
