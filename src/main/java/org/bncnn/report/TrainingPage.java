package org.bncnn.report;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.bncnn.data.ImageSet;
import org.bncnn.eval.EvaluationResult;
import org.bncnn.eval.Mistake;
import org.bncnn.report.Chart.Series;
import org.bncnn.train.EpochResult;
import org.bncnn.train.Provenance;
import org.bncnn.train.TrainingResult;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A training as one HTML file: its course, how well each class is told, the surest mistakes, the first layer's filters, provenance. */
public final class TrainingPage {
    private TrainingPage() {}

    /** What {@code training.mustache} shows. */
    record View(
            String accuracy,
            String loss,
            String images,
            boolean stopped,
            Provenance provenance,
            List<Checksum> checksums,
            List<Chart> charts,
            List<EpochRow> epochs,
            List<ClassRow> classes,
            List<String> numbers,
            List<ConfusionRow> confusion,
            List<Picture> mistakes,
            List<Picture> filters,
            String chartData,
            ChartLibrary chartLibrary) {}

    record ClassRow(String name, String precision, String recall, String f1, int images) {}

    record ConfusionRow(int number, String name, List<Cell> cells) {}

    /** A number of images; {@code shade} 0 to 100 is its share of the row. */
    record Cell(int count, long shade, boolean right) {}

    /**
     * Writes the page, whole or not at all. It needs nothing but a browser.
     *
     * @param test the images that mistakes were made on
     * @param filters of the first convolution, {@code [out, in, height, width]}
     * @throws IOException if the file cannot be written, or Chart.js is not on the class path
     */
    public static void write(
            Path file,
            TrainingResult result,
            Provenance provenance,
            List<Mistake> mistakes,
            ImageSet test,
            INDArray filters)
            throws IOException {
        List<Chart> charts = result.epochs().isEmpty() ? List.of() : charts(result.epochs());
        EvaluationResult measured = result.test();
        HtmlTemplate.write(
                file,
                "training",
                new View(
                        percent(measured.accuracy()),
                        number("%.4f", measured.loss()),
                        String.format(Locale.ROOT, "%,d", measured.images()),
                        !result.completed(),
                        provenance,
                        Checksum.of(provenance),
                        charts,
                        EpochRow.of(result.epochs()),
                        measured.classes().stream()
                                .map(each -> new ClassRow(
                                        each.name(),
                                        percent(each.precision()),
                                        percent(each.recall()),
                                        percent(each.f1()),
                                        each.images()))
                                .toList(),
                        IntStream.range(0, measured.classes().size())
                                .mapToObj(String::valueOf)
                                .toList(),
                        IntStream.range(0, measured.classes().size())
                                .mapToObj(row -> confusion(row, measured))
                                .toList(),
                        pictures(mistakes, test),
                        pictures(filters),
                        Chart.json(charts),
                        ChartLibrary.load()));
    }

    private static List<Chart> charts(List<EpochResult> epochs) {
        return List.of(
                chart(
                        "accuracy",
                        "Test accuracy after each epoch",
                        "%",
                        2,
                        epochs,
                        List.of(series("test accuracy", "custom", epochs, epoch -> 100 * epoch.testAccuracy()))),
                chart(
                        "loss",
                        "Loss",
                        "",
                        4,
                        epochs,
                        List.of(
                                series("training, mean over the epoch", "none", epochs, EpochResult::trainLoss),
                                series("test, after the epoch", "custom", epochs, EpochResult::testLoss))),
                chart(
                        "speed",
                        "Images trained a second",
                        "",
                        0,
                        epochs,
                        List.of(series("images/s", "none", epochs, EpochResult::imagesPerSecond))));
    }

    private static Chart chart(
            String id, String title, String unit, int decimals, List<EpochResult> epochs, List<Series> series) {
        String finding = series.stream()
                .map(each -> each.label() + " from " + each.values().get(0) + " to "
                        + each.values().get(each.values().size() - 1))
                .collect(Collectors.joining("; ", title + ": ", "."));
        return new Chart(
                id,
                title,
                finding,
                "line",
                "epoch",
                "",
                unit,
                decimals,
                false,
                epochs.stream().map(epoch -> String.valueOf(epoch.epoch())).toList(),
                series);
    }

    private static Series series(
            String label, String colour, List<EpochResult> epochs, ToDoubleFunction<EpochResult> value) {
        List<Double> values = new ArrayList<>(); // may hold nulls
        epochs.forEach(epoch -> values.add(Chart.valueOf(value.applyAsDouble(epoch))));
        return new Series(label, List.of(colour), values);
    }

    private static ConfusionRow confusion(int row, EvaluationResult measured) {
        List<Integer> counts = measured.confusion().get(row);
        int all = Math.max(1, counts.stream().mapToInt(Integer::intValue).sum());
        return new ConfusionRow(
                row,
                measured.classes().get(row).name(),
                IntStream.range(0, counts.size())
                        .mapToObj(column -> new Cell(
                                counts.get(column), Math.round(100.0 * counts.get(column) / all), column == row))
                        .toList());
    }

    private static List<Picture> pictures(List<Mistake> mistakes, ImageSet test) throws IOException {
        List<Picture> pictures = new ArrayList<>();
        for (Mistake mistake : mistakes) {
            pictures.add(Picture.grey(
                    test.grey(mistake.image()),
                    test.width(),
                    test.height(),
                    String.format(
                            Locale.ROOT,
                            "%s, taken for %s (%.0f %%; %s %.0f %%)",
                            mistake.actual(),
                            mistake.predicted(),
                            100 * mistake.probability(),
                            mistake.actual(),
                            100 * mistake.actualProbability())));
        }
        return pictures;
    }

    private static List<Picture> pictures(INDArray filters) throws IOException {
        List<Picture> pictures = new ArrayList<>();
        for (int out = 0; out < filters.size(0); out++) {
            float[] values = filters.slice(out).mean(0).dup('c').ravel().toFloatVector();
            pictures.add(Picture.grey(values, (int) filters.size(3), (int) filters.size(2), String.valueOf(out)));
        }
        return pictures;
    }

    private static String percent(double share) {
        return number("%.2f %%", 100 * share);
    }

    private static String number(String format, double value) {
        return String.format(Locale.ROOT, format, value);
    }
}
