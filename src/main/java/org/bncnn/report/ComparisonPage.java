package org.bncnn.report;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.bncnn.compare.Comparison;
import org.bncnn.compare.LayerParity;
import org.bncnn.compare.LayerSpeed;
import org.bncnn.compare.NormTraining;
import org.bncnn.report.Chart.Series;
import org.bncnn.text.Numbers;
import org.bncnn.train.EpochResult;

/** A {@link Comparison} as one HTML file: its verdict, charts, tables and provenance. */
public final class ComparisonPage {
    private ComparisonPage() {}

    /** What {@code comparison.mustache} shows. */
    record View(
            Comparison comparison,
            List<NormTraining> trained,
            List<Timed> timed,
            List<Parity> places,
            List<NormTraining> layered,
            List<Chart> trainingCharts,
            List<Chart> speedCharts,
            String chartData,
            Chart.Library chartLibrary) {}

    /** The implementations that were timed with an input of one shape. */
    record Timed(String shape, List<Implementation> implementations) {
        static Timed of(List<LayerSpeed> timed) {
            double custom = timed.stream()
                    .filter(LayerSpeed::ofCustom)
                    .mapToDouble(LayerSpeed::micros)
                    .findFirst()
                    .orElse(Double.NaN);
            return new Timed(
                    ComparisonPage.shape(timed.get(0).shape()),
                    timed.stream()
                            .map(one -> new Implementation(norm(one), one, one.micros() / custom))
                            .toList());
        }
    }

    /** {@code ratio} is the time of both passes, divided by the custom layer's. */
    record Implementation(String norm, LayerSpeed speed, double ratio) {}

    record Parity(String input, LayerParity place, long degreesOfFreedom) {}

    /**
     * Writes the page, whole or not at all. It needs nothing but a browser: style, chart library and numbers are inside.
     *
     * @param file the page
     * @param comparison its content; parts without results are left out
     * @throws IOException if the file cannot be written, or Chart.js is not on the class path
     */
    public static void write(Path file, Comparison comparison) throws IOException {
        List<NormTraining> trained = comparison.training().stream()
                .filter(one -> !one.epochs().isEmpty())
                .toList();
        List<Timed> timed = comparison.speed().stream()
                .collect(Collectors.groupingBy(LayerSpeed::shape, LinkedHashMap::new, Collectors.toList()))
                .values()
                .stream()
                .map(Timed::of)
                .toList();
        List<Chart> training = trained.isEmpty()
                ? List.of()
                : List.of(
                        chart(
                                "accuracy-chart",
                                "Test accuracy after each epoch",
                                "%",
                                2,
                                trained,
                                epoch -> 100 * epoch.measured().accuracy()),
                        chart("loss-chart", "Training loss of each epoch", "", 4, trained, EpochResult::trainLoss));
        List<Chart> speed = timed.stream().map(ComparisonPage::chart).toList();
        List<Chart> all = new ArrayList<>(training);
        all.addAll(speed);
        HtmlTemplate.write(
                file,
                "comparison",
                new View(
                        comparison,
                        trained,
                        timed,
                        comparison.parity().stream()
                                .map(place -> new Parity(
                                        shape(place.shape()),
                                        place,
                                        place.runningVariance().valuesPerChannel() - 1))
                                .toList(),
                        comparison.training().stream()
                                .filter(one -> !one.layers().isEmpty())
                                .toList(),
                        training,
                        speed,
                        Chart.json(all),
                        Chart.Library.load()));
    }

    private static Chart chart(
            String id,
            String title,
            String unit,
            int decimals,
            List<NormTraining> trained,
            ToDoubleFunction<EpochResult> value) {
        int epochs = trained.stream().mapToInt(one -> one.epochs().size()).max().orElseThrow();
        return Chart.lines(
                id,
                title,
                "epoch",
                unit,
                decimals,
                false,
                IntStream.rangeClosed(1, epochs).mapToObj(String::valueOf).toList(),
                trained.stream()
                        .map(one -> Series.line(one.norm(), one.norm(), one.epochs(), value))
                        .toList());
    }

    private static Chart chart(Timed timed) {
        List<LayerSpeed> layers =
                timed.implementations().stream().map(Implementation::speed).toList();
        List<String> colours =
                timed.implementations().stream().map(Implementation::norm).toList();
        return new Chart(
                "speed-chart-" + timed.shape(),
                "Input " + timed.shape(),
                "Median time of both passes for input " + timed.shape() + ". "
                        + layers.stream()
                                .map(one -> one.implementation() + ": " + Numbers.format("%,.0f µs", one.micros()))
                                .collect(Collectors.joining("; ", "", ".")),
                "bar",
                "",
                "median µs",
                "µs",
                0,
                false,
                layers.stream().map(LayerSpeed::implementation).toList(),
                List.of(
                        new Series("forward", colours, Chart.values(layers, LayerSpeed::forwardMicros)),
                        new Series("backward", colours, Chart.values(layers, LayerSpeed::backwardMicros))));
    }

    private static String norm(LayerSpeed one) {
        return one.ofCustom() ? "custom" : "builtin";
    }

    private static String shape(List<Long> shape) {
        return shape.stream().map(String::valueOf).collect(Collectors.joining("×"));
    }
}
