package org.bncnn.eval;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.bncnn.eval.EvaluationResult.ClassResult;
import org.bncnn.eval.EvaluationSummary.Measured;
import org.bncnn.text.Lines;
import org.bncnn.text.Numbers;
import org.bncnn.text.Printable;

/**
 * An {@link EvaluationResult} as text for a terminal: the accuracy, a row per class, and the confusion matrix or, of
 * many classes, the most frequent confusions. An {@link EvaluationSummary}: a row per model, mean and standard
 * deviation.
 */
public final class EvaluationText {
    /** A matrix of more classes is too wide to read. */
    private static final int MOST_COLUMNS = 20;

    private static final int MOST_CONFUSIONS = 20;

    private static final String NOT_FINITE = "not measured, because outputs of the network are not finite";

    private EvaluationText() {}

    /**
     * {@return the accuracy as the reference prints it}
     *
     * @param result the measurement
     * @param images that it was measured on, such as {@code test}
     */
    public static String accuracy(EvaluationResult result, String images) {
        return "Accuracy on " + images + " set: " + accuracy(result);
    }

    /** A network whose outputs are NaN has an accuracy, that of always naming the first class. */
    private static String accuracy(EvaluationResult result) {
        return isFinite(result) ? Numbers.percent(result.accuracy()) : NOT_FINITE;
    }

    private static boolean isFinite(EvaluationResult result) {
        return result.images() == 0 || Double.isFinite(result.loss());
    }

    /**
     * {@return everything that was measured, in several lines}
     *
     * @param result the measurement, on test images
     */
    public static String render(EvaluationResult result) {
        Lines text = new Lines();
        text.add("%s", accuracy(result, "test"));
        text.add("Loss: %.4f (%,d images)", result.loss(), result.images());
        if (isFinite(result)) {
            text.add("");
            List<List<?>> rows = new ArrayList<>();
            rows.add(List.of("class", "precision", "recall", "F1", "images"));
            result.classes()
                    .forEach(c -> rows.add(List.of(
                            name(c),
                            Numbers.percent(c.precision()),
                            Numbers.percent(c.recall()),
                            Numbers.percent(c.f1()),
                            c.images())));
            text.table("%-1s  %9s  %9s  %9s  %7s", rows);
            text.add("");
            if (result.classes().size() > MOST_COLUMNS) {
                confusions(text, result);
            } else {
                matrix(text, result);
            }
        }
        return text.toString().stripTrailing();
    }

    /**
     * {@return a line for each model, and one for all}
     *
     * @param summary the measurements, on test images
     */
    public static String render(EvaluationSummary summary) {
        Lines text = new Lines();
        for (Measured model : summary.models()) {
            text.add(
                    "%s: accuracy %s, loss %.4f",
                    model.name(), accuracy(model.result()), model.result().loss());
        }
        if (summary.models().stream().map(Measured::result).allMatch(EvaluationText::isFinite)) {
            text.add(
                    "Accuracy on test set: mean %s, standard deviation %s (%d models, %,d images)",
                    Numbers.percent(summary.meanAccuracy()),
                    Numbers.percent(summary.standardDeviation()),
                    summary.models().size(),
                    summary.models().get(0).result().images());
        } else {
            text.add("Accuracy on test set: no mean, because outputs of a network are not finite");
        }
        return text.toString().stripTrailing();
    }

    private static void matrix(Lines text, EvaluationResult result) {
        int classes = result.classes().size();
        int largest = result.confusion().stream()
                .flatMap(List::stream)
                .max(Comparator.naturalOrder())
                .orElse(0);
        int width = String.valueOf(Math.max(largest, classes - 1)).length() + 2;
        List<List<?>> rows = new ArrayList<>();
        rows.add(row("", "", IntStream.range(0, classes).boxed().toList()));
        for (int c = 0; c < classes; c++) {
            rows.add(row(c, name(result.classes().get(c)), result.confusion().get(c)));
        }
        text.add("Confusion matrix (rows: true class, columns: predicted class)");
        text.table("%1s %-1s" + ("%" + width + "s").repeat(classes), rows);
    }

    private static List<Object> row(Object number, String name, List<Integer> counts) {
        List<Object> row = new ArrayList<>(List.of(number, name));
        row.addAll(counts);
        return row;
    }

    private static void confusions(Lines text, EvaluationResult result) {
        record Confusion(int actual, int predicted, int images) {}
        List<Confusion> found = new ArrayList<>();
        for (int i = 0; i < result.classes().size(); i++) {
            for (int j = 0; j < result.classes().size(); j++) {
                int images = result.confusion().get(i).get(j);
                if (i != j && images > 0) {
                    found.add(new Confusion(i, j, images));
                }
            }
        }
        found.sort(Collections.reverseOrder(Comparator.comparingInt(Confusion::images)));
        List<List<?>> rows = new ArrayList<>();
        rows.add(List.of("true class", "predicted class", "images"));
        found.stream()
                .limit(MOST_CONFUSIONS)
                .forEach(each -> rows.add(List.of(
                        name(result.classes().get(each.actual())),
                        name(result.classes().get(each.predicted())),
                        each.images())));
        text.add("Most frequent confusions");
        text.table("%-1s  %-1s  %7s", rows);
    }

    private static String name(ClassResult c) {
        return Printable.excerpt(c.name());
    }
}
