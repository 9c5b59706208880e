package org.bncnn.eval;

import java.util.List;
import java.util.Locale;
import org.bncnn.eval.EvaluationResult.ClassResult;
import org.bncnn.eval.EvaluationSummary.Measured;
import org.bncnn.text.Printable;

/**
 * An {@link EvaluationResult} as text for a terminal: the accuracy, a row per class, and the confusion matrix. An {@link EvaluationSummary}:
 * a row per model, mean and standard deviation.
 */
public final class EvaluationText {
    private EvaluationText() {}

    /**
     * {@return the accuracy as the reference prints it}
     *
     * @param images that it was measured on, such as {@code test}
     */
    public static String accuracy(EvaluationResult result, String images) {
        return String.format(Locale.ROOT, "Accuracy on %s set: %.2f %%", images, 100 * result.accuracy());
    }

    /** {@return everything that was measured, in several lines} */
    public static String render(EvaluationResult result) {
        int nameWidth =
                result.classes().stream().mapToInt(c -> name(c).length()).max().orElse(0);
        StringBuilder text = new StringBuilder();
        text.append(accuracy(result, "test"));
        text.append(String.format(Locale.ROOT, "%nLoss: %.4f (%,d images)%n", result.loss(), result.images()));
        String columns = "%n%-" + Math.max(nameWidth, "class".length()) + "s  %9s  %9s  %9s  %7s";
        text.append(String.format(Locale.ROOT, columns, "class", "precision", "recall", "F1", "images"));
        for (ClassResult c : result.classes()) {
            text.append(String.format(
                    Locale.ROOT,
                    columns,
                    name(c),
                    percent(c.precision()),
                    percent(c.recall()),
                    percent(c.f1()),
                    c.images()));
        }
        text.append(String.format(Locale.ROOT, "%n%nConfusion matrix (rows: true class, columns: predicted class)%n"));
        appendConfusion(text, result, nameWidth);
        return text.toString();
    }

    /** {@return a line for each model, and one for all} */
    public static String render(EvaluationSummary summary) {
        StringBuilder text = new StringBuilder();
        for (Measured model : summary.models()) {
            text.append(String.format(
                    Locale.ROOT,
                    "%s: accuracy %s, loss %.4f%n",
                    Printable.line(model.name()),
                    percent(model.result().accuracy()),
                    model.result().loss()));
        }
        text.append(String.format(
                Locale.ROOT,
                "Accuracy on test set: mean %s, standard deviation %s (%d models, %,d images)",
                percent(summary.meanAccuracy()),
                percent(summary.standardDeviation()),
                summary.models().size(),
                summary.models().get(0).result().images()));
        return text.toString();
    }

    private static void appendConfusion(StringBuilder text, EvaluationResult result, int nameWidth) {
        int largest = result.confusion().stream()
                .flatMap(List::stream)
                .mapToInt(Integer::intValue)
                .max()
                .orElse(0);
        int numberWidth = String.valueOf(result.classes().size() - 1).length();
        int width = Math.max(String.valueOf(largest).length(), numberWidth) + 2;
        text.append(" ".repeat(nameWidth + numberWidth + 1));
        for (int c = 0; c < result.classes().size(); c++) {
            text.append(String.format(Locale.ROOT, "%" + width + "d", c));
        }
        for (int c = 0; c < result.classes().size(); c++) {
            text.append(String.format(
                    Locale.ROOT,
                    "%n%" + numberWidth + "d %-" + nameWidth + "s",
                    c,
                    name(result.classes().get(c))));
            for (int count : result.confusion().get(c)) {
                text.append(String.format(Locale.ROOT, "%" + width + "d", count));
            }
        }
    }

    private static String name(ClassResult c) {
        return Printable.excerpt(c.name());
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.2f %%", 100 * share);
    }
}
