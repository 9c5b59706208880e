package org.bncnn.report;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.bncnn.eval.LayerSignal;
import org.bncnn.experiment.Experiment;
import org.bncnn.experiment.ExperimentResult;
import org.bncnn.experiment.ExperimentText;
import org.bncnn.experiment.Trial;
import org.bncnn.report.Chart.Series;
import org.bncnn.train.Provenance;

/** An {@link ExperimentResult} as one HTML file: verdict, charts, tables and provenance. */
public final class ExperimentPage {
    private ExperimentPage() {}

    /** What {@code experiment.mustache} shows. */
    record View(
            String question,
            String axis,
            Provenance provenance,
            List<Checksum> checksums,
            List<String> verdict,
            List<Chart> charts,
            List<Row> trials,
            String hardest,
            List<Layer> layers,
            String chartData,
            ChartLibrary chartLibrary) {}

    record Row(
            String setting,
            String norm,
            String first,
            String last,
            String spread,
            String flat,
            String loss,
            String accuracy) {}

    record Layer(String norm, String name, String gradient, String mean, String deviation, String flat) {}

    /**
     * Writes the page, whole or not at all. It needs nothing but a browser.
     *
     * @throws IOException if the file cannot be written, or Chart.js is not on the class path
     */
    public static void write(Path file, ExperimentResult result) throws IOException {
        HtmlTemplate.write(file, "experiment", view(result));
    }

    private static View view(ExperimentResult result) throws IOException {
        List<Trial> last = result.hardest();
        String hardest =
                result.axis() + ": " + (last.isEmpty() ? "" : last.get(0).setting());
        List<Chart> charts = last.isEmpty() ? List.of() : charts(result, hardest, last);
        return new View(
                result.question(),
                result.axis(),
                result.provenance(),
                Checksum.of(result.provenance()),
                ExperimentText.verdict(result),
                charts,
                result.trials().stream().map(ExperimentPage::row).toList(),
                hardest,
                last.stream()
                        .flatMap(trial -> trial.atStart().stream().map(signal -> layer(trial.norm(), signal)))
                        .toList(),
                Chart.json(charts),
                ChartLibrary.load());
    }

    private static List<Chart> charts(ExperimentResult result, String hardest, List<Trial> last) {
        List<Series> accuracy = result.norms().stream()
                .map(norm -> new Series(
                        norm,
                        List.of(norm),
                        Chart.values(
                                result.withNorm(norm),
                                trial -> trial.diverged() ? Double.NaN : 100 * trial.accuracy())))
                .toList();
        List<Series> gradients = series(last, LayerSignal::gradientNorm);
        if (result.experiment() == Experiment.VANISHING) {
            gradients = new ArrayList<>(gradients);
            gradients.add(new Series(
                    "0.25 per layer", List.of("builtin"), bound(last.get(0).atStart())));
        }
        List<String> layers =
                last.get(0).atStart().stream().map(LayerSignal::layer).toList();
        return List.of(
                chart("accuracy", "Test accuracy", result.axis(), "%", 2, false, result.settings(), accuracy),
                chart(
                        "gradients",
                        "Gradient of each layer before training (" + hardest + ")",
                        "layer",
                        "",
                        8,
                        true,
                        layers,
                        gradients),
                chart(
                        "spreads",
                        "Standard deviation between images in what each layer passes on, before training (" + hardest
                                + ")",
                        "layer",
                        "",
                        8,
                        true,
                        layers,
                        last.stream()
                                .map(trial -> new Series(trial.norm(), List.of(trial.norm()), trial.spreads()))
                                .toList()));
    }

    private static Chart chart(
            String id,
            String title,
            String axis,
            String unit,
            int decimals,
            boolean logarithmic,
            List<String> labels,
            List<Series> series) {
        String finding = series.stream()
                .map(each -> each.label() + ": "
                        + each.values().stream()
                                .map(value -> value == null ? "none" : String.format(Locale.ROOT, "%.3g", value))
                                .collect(Collectors.joining(", ")))
                .collect(Collectors.joining("; ", title + ". ", "."));
        return new Chart(id, title, finding, "line", axis, "", unit, decimals, logarithmic, labels, series);
    }

    private static List<Series> series(List<Trial> trials, ToDoubleFunction<LayerSignal> value) {
        return trials.stream()
                .map(trial -> new Series(trial.norm(), List.of(trial.norm()), Chart.values(trial.atStart(), value)))
                .toList();
    }

    /** {@return what is left of the last hidden layer's gradient if each layer before it took three quarters of it} */
    private static List<Double> bound(List<LayerSignal> signals) {
        List<Double> bound = new ArrayList<>();
        int lastHidden = signals.size() - 2;
        for (int i = 0; i < signals.size(); i++) {
            bound.add(
                    i > lastHidden
                            ? null
                            : signals.get(lastHidden).gradientNorm()
                                    * Math.pow(Experiment.SIGMOID_SLOPE, lastHidden - i));
        }
        return bound;
    }

    private static Row row(Trial trial) {
        return new Row(
                trial.setting(),
                trial.norm(),
                number("%.2e", trial.firstGradient()),
                number("%.2e", trial.lastGradient()),
                number("%.1e", trial.lastSpread()),
                number("%.0f %%", 100 * trial.mostFlat()),
                trial.diverged() ? "diverged" : number("%.4f", trial.trainLoss()),
                trial.diverged() ? "" : number("%.2f %%", 100 * trial.accuracy()));
    }

    private static Layer layer(String norm, LayerSignal signal) {
        return new Layer(
                norm,
                signal.layer(),
                number("%.2e", signal.gradientNorm()),
                number("%.3g", signal.activationMean()),
                number("%.3g", signal.activationDeviation()),
                number("%.0f %%", 100 * signal.flat()));
    }

    private static String number(String format, double value) {
        return String.format(Locale.ROOT, format, value);
    }
}
