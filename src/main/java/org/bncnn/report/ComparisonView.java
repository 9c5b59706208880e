package org.bncnn.report;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bncnn.compare.Comparison;
import org.bncnn.compare.Comparison.LayerParity;
import org.bncnn.compare.Comparison.LayerSpeed;
import org.bncnn.compare.Comparison.NormTraining;
import org.bncnn.report.Chart.Series;
import org.bncnn.train.EpochResult;
import org.bncnn.train.Provenance;

/**
 * A {@link Comparison} as {@code comparison.mustache} shows it: numbers as text, in the order of the page. A part that has nothing to
 * show is null.
 */
record ComparisonView(
        String norms,
        Provenance provenance,
        List<Checksum> checksums,
        int parityBatches,
        Part<String> verdict,
        Part<Chart> trainingCharts,
        Part<Chart> speedCharts,
        Part<Training> training,
        Part<Speed> speed,
        Part<Parity> parity,
        Part<Classes> classes,
        String chartData,
        ChartLibrary chartLibrary) {

    /** A section of the page; it has at least one row. */
    record Part<T>(List<T> rows) {
        static <T> Part<T> of(List<T> rows) {
            return rows.isEmpty() ? null : new Part<>(rows);
        }
    }

    record Training(String norm, boolean stopped, List<EpochRow> epochs) {}

    record Speed(String shape, List<Implementation> implementations) {}

    record Implementation(
            String norm, String name, String forward, String backward, String both, String ratio, String arrays) {}

    record Parity(String layer, String shape, List<Quantity> quantities, String variance, String varianceFactor) {}

    record Quantity(String name, String maxAbsolute, String relative, String builtinError, String customError) {}

    record Classes(String norm, List<Layer> layers) {}

    /** A layer's name and classes, in parts between which a line may break. */
    record Layer(List<String> parts) {}

    static ComparisonView of(Comparison comparison, ChartLibrary library) throws IOException {
        List<NormTraining> trained = comparison.training().stream()
                .filter(one -> !one.epochs().isEmpty())
                .toList();
        Map<List<Long>, List<LayerSpeed>> timed = comparison.speed().stream()
                .collect(Collectors.groupingBy(LayerSpeed::shape, LinkedHashMap::new, Collectors.toList()));
        List<Chart> trainingCharts =
                trained.isEmpty() ? List.of() : List.of(accuracyChart(trained), lossChart(trained));
        List<Chart> speedCharts =
                timed.values().stream().map(ComparisonView::speedChart).toList();
        Provenance provenance = comparison.provenance();
        return new ComparisonView(
                provenance.norm(),
                provenance,
                Checksum.of(provenance),
                comparison.parityBatches(),
                Part.of(comparison.verdict()),
                Part.of(trainingCharts),
                Part.of(speedCharts),
                Part.of(trained.stream().map(ComparisonView::training).toList()),
                Part.of(timed.values().stream().map(ComparisonView::speed).toList()),
                Part.of(comparison.parity().stream().map(ComparisonView::parity).toList()),
                Part.of(comparison.training().stream()
                        .filter(one -> !one.layers().isEmpty())
                        .map(one -> new Classes(
                                one.norm(),
                                one.layers().stream()
                                        .map(layer -> new Layer(List.of(layer.split("(?<=\\.)"))))
                                        .toList()))
                        .toList()),
                Chart.json(Stream.concat(trainingCharts.stream(), speedCharts.stream())
                        .toList()),
                library);
    }

    private static Chart accuracyChart(List<NormTraining> trained) {
        return lines(
                "accuracy-chart",
                "Test accuracy after each epoch",
                "%",
                2,
                trained,
                e -> 100 * e.measured().accuracy());
    }

    private static Chart lossChart(List<NormTraining> trained) {
        return lines("loss-chart", "Training loss of each epoch", "", 4, trained, EpochResult::trainLoss);
    }

    private static Chart lines(
            String id,
            String title,
            String unit,
            int decimals,
            List<NormTraining> trained,
            ToDoubleFunction<EpochResult> value) {
        String format = ("%." + decimals + "f " + unit.replace("%", "%%")).strip();
        int epochs = trained.stream().mapToInt(one -> one.epochs().size()).max().orElseThrow();
        return new Chart(
                id,
                title,
                title + ". "
                        + trained.stream()
                                .map(one -> course(one, format, value))
                                .collect(Collectors.joining("; ", "", ".")),
                "line",
                "epoch",
                "",
                unit,
                decimals,
                false,
                IntStream.rangeClosed(1, epochs).mapToObj(String::valueOf).toList(),
                trained.stream()
                        .map(one -> new Series(one.norm(), List.of(one.norm()), Chart.values(one.epochs(), value)))
                        .toList());
    }

    private static String course(NormTraining one, String format, ToDoubleFunction<EpochResult> value) {
        List<EpochResult> epochs = one.epochs();
        return one.norm() + ": " + number(format, value.applyAsDouble(epochs.get(0))) + " in epoch 1, "
                + number(format, value.applyAsDouble(epochs.get(epochs.size() - 1))) + " in epoch " + epochs.size();
    }

    private static Chart speedChart(List<LayerSpeed> timed) {
        String shape = shape(timed.get(0).shape());
        List<String> colours = timed.stream().map(ComparisonView::norm).toList();
        return new Chart(
                "speed-chart-" + shape,
                "Input " + shape,
                "Median time of both passes for input " + shape + ". "
                        + timed.stream()
                                .map(one -> one.implementation() + ": " + number("%,.0f µs", one.micros()))
                                .collect(Collectors.joining("; ", "", ".")),
                "bar",
                "",
                "median µs",
                "µs",
                0,
                false,
                timed.stream().map(LayerSpeed::implementation).toList(),
                List.of(
                        new Series("forward", colours, Chart.values(timed, LayerSpeed::forwardMicros)),
                        new Series("backward", colours, Chart.values(timed, LayerSpeed::backwardMicros))));
    }

    private static Training training(NormTraining one) {
        return new Training(one.norm(), !one.completed(), EpochRow.of(one.epochs()));
    }

    private static Speed speed(List<LayerSpeed> timed) {
        double custom = timed.stream()
                .filter(LayerSpeed::ofCustom)
                .mapToDouble(LayerSpeed::micros)
                .findFirst()
                .orElse(Double.NaN);
        return new Speed(
                shape(timed.get(0).shape()),
                timed.stream()
                        .map(one -> new Implementation(
                                norm(one),
                                one.implementation(),
                                number("%,.0f", one.forwardMicros()),
                                number("%,.0f", one.backwardMicros()),
                                number("%,.0f", one.micros()),
                                number("%.1f", one.micros() / custom),
                                number("%.1f", one.arrays())))
                        .toList());
    }

    private static String norm(LayerSpeed one) {
        return one.ofCustom() ? "custom" : "builtin";
    }

    private static Parity parity(LayerParity place) {
        long values = place.runningVariance().valuesPerChannel();
        return new Parity(
                place.layer(),
                shape(place.shape()),
                place.quantities().stream()
                        .map(quantity -> new Quantity(
                                quantity.name(),
                                scientific(quantity.maxAbsolute()),
                                scientific(quantity.relative()),
                                scientific(quantity.builtinError()),
                                scientific(quantity.customError())))
                        .toList(),
                scientific(place.runningVariance().relative()),
                values + "/" + (values - 1) + " = "
                        + number("%.5f", place.runningVariance().factor()));
    }

    private static String shape(List<Long> shape) {
        return shape.stream().map(String::valueOf).collect(Collectors.joining("×"));
    }

    private static String scientific(double value) {
        return number("%.1e", value);
    }

    private static String number(String format, double value) {
        return String.format(Locale.ROOT, format, value);
    }
}
