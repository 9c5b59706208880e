package org.bncnn.report;

import static java.util.Map.entry;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.bncnn.compare.Comparison;
import org.bncnn.compare.Comparison.LayerSpeed;
import org.bncnn.compare.Comparison.NormTraining;
import org.bncnn.report.Chart.Axes;
import org.bncnn.report.Chart.Series;
import org.bncnn.text.Numbers;
import org.bncnn.train.EpochResult;

/** A {@link Comparison} as one HTML file: its verdict, charts, tables and provenance. */
public final class ComparisonPage {
    private ComparisonPage() {}

    /**
     * An implementation that was timed.
     *
     * @param norm in whose colour it is shown
     * @param layer its times
     * @param ratio the time of both passes, divided by the custom layer's with the same input
     */
    record Timed(String norm, LayerSpeed layer, double ratio) {}

    /**
     * Writes the page, whole or not at all. It needs nothing but a browser: style, chart library and numbers are
     * inside.
     *
     * @param file the page
     * @param comparison its content; parts without results are left out
     * @throws IOException if the file cannot be written, or Chart.js is not on the class path
     */
    public static void write(Path file, Comparison comparison) throws IOException {
        List<NormTraining> trained = comparison.training().stream()
                .filter(one -> !one.epochs().isEmpty())
                .toList();
        List<List<Timed>> timed = comparison.speed().stream()
                .collect(Collectors.groupingBy(LayerSpeed::shape, LinkedHashMap::new, Collectors.toList()))
                .values()
                .stream()
                .map(ComparisonPage::timed)
                .toList();
        List<Chart> training = trained.isEmpty() ? List.of() : charts(trained);
        List<Chart> speed = timed.stream().map(ComparisonPage::chart).toList();
        List<Chart> all = new ArrayList<>(training);
        all.addAll(speed);
        Map<String, ?> view = Map.ofEntries(
                entry("comparison", comparison),
                entry("trained", trained),
                entry(
                        "normalizing",
                        comparison.training().stream()
                                .filter(one -> !one.layers().isEmpty())
                                .toList()),
                entry("timed", timed),
                entry("trainingCharts", training),
                entry("speedCharts", speed));
        HtmlTemplate.write(file, HtmlTemplate.render("comparison", view, all));
    }

    private static List<Chart> charts(List<NormTraining> trained) {
        int epochs = trained.stream().mapToInt(one -> one.epochs().size()).max().orElseThrow();
        List<String> labels =
                IntStream.rangeClosed(1, epochs).mapToObj(String::valueOf).toList();
        return List.of(
                Chart.lines(
                        "accuracy-chart",
                        "Test accuracy after each epoch",
                        new Axes("epoch", labels, "%", 2),
                        lines(trained, epoch -> 100 * epoch.measured().accuracy())),
                Chart.lines(
                        "loss-chart",
                        "Training loss of each epoch",
                        new Axes("epoch", labels, "", 4),
                        lines(trained, EpochResult::trainLoss)));
    }

    private static List<Series> lines(List<NormTraining> trained, ToDoubleFunction<EpochResult> value) {
        return trained.stream()
                .map(one -> Series.line(one.norm(), one.norm(), one.epochs(), value))
                .toList();
    }

    private static List<Timed> timed(List<LayerSpeed> sameInput) {
        double custom = sameInput.stream()
                .filter(LayerSpeed::ofCustom)
                .mapToDouble(LayerSpeed::micros)
                .findFirst()
                .orElse(Double.NaN);
        return sameInput.stream()
                .map(one -> new Timed(one.ofCustom() ? "custom" : "builtin", one, one.micros() / custom))
                .toList();
    }

    private static Chart chart(List<Timed> timed) {
        List<LayerSpeed> layers = timed.stream().map(Timed::layer).toList();
        List<String> colours = timed.stream().map(Timed::norm).toList();
        String shape = layers.get(0).shape().stream().map(String::valueOf).collect(Collectors.joining("×"));
        return new Chart(
                "speed-chart-" + shape,
                "Input " + shape,
                layers.stream()
                        .map(one -> one.implementation() + ": " + Numbers.format("%,.0f µs", one.micros()))
                        .collect(Collectors.joining("; ", "Median time of both passes for input " + shape + ". ", ".")),
                "bar",
                "median µs",
                new Axes("", layers.stream().map(LayerSpeed::implementation).toList(), "µs", 0),
                List.of(
                        new Series("forward", colours, Chart.values(layers, LayerSpeed::forwardMicros)),
                        new Series("backward", colours, Chart.values(layers, LayerSpeed::backwardMicros))));
    }
}
