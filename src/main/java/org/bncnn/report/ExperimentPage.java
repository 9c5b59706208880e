package org.bncnn.report;

import static java.util.Map.entry;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bncnn.eval.LayerSignal;
import org.bncnn.experiment.Experiment;
import org.bncnn.experiment.ExperimentResult;
import org.bncnn.experiment.ExperimentResult.Trial;
import org.bncnn.experiment.ExperimentText;
import org.bncnn.report.Chart.Axes;
import org.bncnn.report.Chart.Series;

/** An {@link ExperimentResult} as one HTML file: verdict, charts, tables and provenance. */
public final class ExperimentPage {
    private ExperimentPage() {}

    /**
     * Writes the page, whole or not at all. It needs nothing but a browser.
     *
     * @param file the page
     * @param result its content; may have no trials
     * @throws IOException if the file cannot be written, or Chart.js is not on the class path
     */
    public static void write(Path file, ExperimentResult result) throws IOException {
        List<Trial> last = result.hardest();
        String hardest =
                result.axis() + ": " + (last.isEmpty() ? "" : last.get(0).setting());
        List<Chart> charts = last.isEmpty()
                ? List.of()
                : List.of(accuracies(result), gradients(result, hardest, last), spreads(hardest, last));
        Map<String, ?> view = Map.ofEntries(
                entry("result", result),
                entry("verdict", ExperimentText.verdict(result)),
                entry("charts", charts),
                entry("hardestSetting", hardest));
        HtmlTemplate.write(file, HtmlTemplate.render("experiment", view, charts));
    }

    private static Chart accuracies(ExperimentResult result) {
        List<Series> series = result.norms().stream()
                .map(norm -> Series.line(
                        norm,
                        norm,
                        result.withNorm(norm),
                        trial -> trial.diverged() ? Double.NaN : 100 * trial.accuracy()))
                .toList();
        return Chart.lines("accuracy", "Test accuracy", new Axes(result.axis(), result.settings(), "%", 2), series);
    }

    private static Chart gradients(ExperimentResult result, String hardest, List<Trial> last) {
        List<Series> series = new ArrayList<>();
        for (Trial trial : last) {
            series.add(Series.line(trial.norm(), trial.norm(), trial.atStart(), LayerSignal::gradientNorm));
        }
        if (result.experiment() == Experiment.VANISHING) {
            series.add(new Series(
                    "0.25 per layer", List.of("builtin"), bound(last.get(0).atStart())));
        }
        return ofLayers("gradients", "Gradient of each layer before training (" + hardest + ")", last, series);
    }

    private static Chart spreads(String hardest, List<Trial> last) {
        return ofLayers(
                "spreads",
                "Standard deviation between images in what each layer passes on, before training (" + hardest + ")",
                last,
                last.stream()
                        .map(trial -> Series.line(trial.norm(), trial.norm(), trial.spreads(), spread -> spread))
                        .toList());
    }

    private static Chart ofLayers(String id, String title, List<Trial> last, List<Series> series) {
        List<String> layers =
                last.get(0).atStart().stream().map(LayerSignal::layer).toList();
        return Chart.lines(id, title, Axes.logarithmic("layer", layers), series);
    }

    /** {@return the last hidden layer's gradient, times 0.25 for each layer from there to a layer} */
    private static List<Double> bound(List<LayerSignal> signals) {
        List<Double> bound = new ArrayList<>();
        int lastHidden = signals.size() - 2;
        double gradient = signals.get(lastHidden).gradientNorm();
        for (int i = 0; i <= lastHidden; i++) {
            bound.add(gradient * Math.pow(Experiment.SIGMOID_SLOPE, lastHidden - i));
        }
        bound.add(null);
        return bound;
    }
}
