package org.bncnn.experiment;

import java.util.List;
import java.util.Locale;
import org.bncnn.text.Printable;

/** An {@link ExperimentResult} as text for a terminal: a row per trial, then the layers of the last setting, then a verdict. */
public final class ExperimentText {
    private ExperimentText() {}

    /** {@return everything that was found, in several lines} */
    public static String render(ExperimentResult result) {
        StringBuilder text = new StringBuilder();
        line(
                text,
                "%s (%s; seed %d)",
                result.question(),
                Printable.line(result.provenance().dataset()),
                result.provenance().recipe().seed());
        line(text, "");
        line(
                text,
                "%-18s %-8s  %14s %14s %9s %6s  %10s %9s",
                result.axis(),
                "norm",
                "first layer",
                "last layer",
                "spread",
                "flat",
                "train loss",
                "accuracy");
        for (Trial trial : result.trials()) {
            line(
                    text,
                    "%-18s %-8s  %14.2e %14.2e %9.1e %4.0f %%  %10s %9s",
                    trial.setting(),
                    trial.norm(),
                    trial.firstGradient(),
                    trial.lastGradient(),
                    trial.lastSpread(),
                    100 * trial.mostFlat(),
                    trial.diverged() ? "diverged" : String.format(Locale.ROOT, "%.4f", trial.trainLoss()),
                    trial.diverged() ? "" : String.format(Locale.ROOT, "%.2f %%", 100 * trial.accuracy()));
        }
        line(text, "");
        line(text, "First and last layer: L2 norm of the gradient by the weights, on the first batch before training.");
        line(
                text,
                "Spread: standard deviation between the images of that batch in the last hidden layer, mean of its activations.");
        line(
                text,
                "Flat: the most of a layer's activations where the activation function passes no gradient (slope below 0.01).");
        line(text, "");
        verdict(result).forEach(sentence -> line(text, "- %s", sentence));
        return text.toString();
    }

    /** {@return what can be said in words} */
    public static List<String> verdict(ExperimentResult result) {
        return ExperimentVerdict.of(result);
    }

    private static void line(StringBuilder text, String format, Object... values) {
        text.append(String.format(Locale.ROOT, format, values).stripTrailing()).append('\n');
    }
}
