package org.bncnn.report;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import org.bncnn.data.ImageSet;
import org.bncnn.data.ImageSetIterator;
import org.bncnn.eval.EvaluationResult;
import org.bncnn.eval.Mistake;
import org.bncnn.model.ReferenceCnn;
import org.bncnn.train.EpochResult;
import org.bncnn.train.HeldOut;
import org.bncnn.train.Measurement;
import org.bncnn.train.Metrics;
import org.bncnn.train.Provenance;
import org.bncnn.train.RunFolder;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.params.ConvolutionParamInitializer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A training as one HTML file: its course, what became of the layers, how well each class is told, the surest mistakes, the first layer's
 * filters, provenance.
 */
public final class TrainingPage {
    private TrainingPage() {}

    /** The page shows so many mistakes. */
    private static final int MISTAKES = 24;

    private static final int BATCH_SIZE = 1000;

    /** What {@code training.mustache} shows. */
    record View(
            String headline,
            boolean stopped,
            Provenance provenance,
            HeldOut heldOut,
            List<Checksum> checksums,
            TrainingCharts charts,
            List<EpochRow> epochs,
            List<Measured> measured,
            List<Picture> mistakes,
            List<Picture> filters,
            String chartData,
            ChartLibrary chartLibrary) {
        boolean anyMistakes() {
            return !mistakes.isEmpty();
        }

        boolean anyFilters() {
            return !filters.isEmpty();
        }
    }

    /** The measurement at the end. */
    record Measured(
            String loss, String images, List<ClassRow> classes, List<String> numbers, List<ConfusionRow> confusion) {}

    record ClassRow(String name, String precision, String recall, String f1, int images) {}

    record ConfusionRow(int number, String name, List<Cell> cells) {}

    /** A number of images; {@code shade} 0 to 100 is its share of the row. */
    record Cell(int count, long shade, boolean right) {}

    /**
     * Writes the page, whole or not at all. It needs nothing but a browser. It shows what there is: a training that goes on, or that was
     * killed, has curves only.
     *
     * @param run whose metrics and provenance it shows
     * @param network that was trained; null if there is none
     * @param test the images to look for mistakes in; null if they are not to be had
     * @throws IOException if the run folder lacks metrics or provenance, the file cannot be written, or Chart.js is not on the class path
     */
    public static void write(Path file, RunFolder run, MultiLayerNetwork network, ImageSet test) throws IOException {
        Metrics metrics = run.metrics();
        Provenance provenance = run.provenance()
                .orElseThrow(() -> new NoSuchFileException(
                        run.path() + ": holds no provenance.json; name a run folder that bncnn train made"));
        Optional<EvaluationResult> measured = run.evaluation();
        TrainingCharts charts = TrainingCharts.of(metrics);
        HtmlTemplate.write(
                file,
                "training",
                new View(
                        headline(provenance, metrics, measured),
                        metrics.epochs().size() < provenance.recipe().epochs(),
                        provenance,
                        HeldOut.of(provenance.recipe()),
                        Checksum.of(provenance),
                        charts,
                        EpochRow.of(metrics.epochs()),
                        measured.map(TrainingPage::measured).stream().toList(),
                        network == null || test == null ? List.of() : mistakes(network, test),
                        network == null ? List.of() : filters(network),
                        Chart.json(charts.all()),
                        ChartLibrary.load()));
    }

    private static String headline(Provenance provenance, Metrics metrics, Optional<EvaluationResult> measured) {
        Optional<Double> last = metrics.epochs().stream()
                .map(EpochResult::measured)
                .filter(Objects::nonNull)
                .reduce((before, after) -> after)
                .map(Measurement::accuracy);
        return "Training with norm " + provenance.norm()
                + measured.map(EvaluationResult::accuracy)
                        .or(() -> last)
                        .map(accuracy -> ": " + percent(accuracy))
                        .orElse("");
    }

    private static Measured measured(EvaluationResult result) {
        List<Integer> numbers =
                IntStream.range(0, result.classes().size()).boxed().toList();
        return new Measured(
                number("%.4f", result.loss()),
                String.format(Locale.ROOT, "%,d", result.images()),
                result.classes().stream()
                        .map(each -> new ClassRow(
                                each.name(),
                                percent(each.precision()),
                                percent(each.recall()),
                                percent(each.f1()),
                                each.images()))
                        .toList(),
                numbers.stream().map(String::valueOf).toList(),
                numbers.stream().map(row -> confusion(row, result)).toList());
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

    private static List<Picture> mistakes(MultiLayerNetwork network, ImageSet test) throws IOException {
        ImageSetIterator images = ImageSetIterator.ordered(test, BATCH_SIZE);
        images.setPreProcessor(ReferenceCnn.normalizer());
        List<Picture> pictures = new ArrayList<>();
        for (Mistake mistake : Mistake.surest(network, images, MISTAKES)) {
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

    private static List<Picture> filters(MultiLayerNetwork network) throws IOException {
        INDArray filters = network.getLayer(0).getParam(ConvolutionParamInitializer.WEIGHT_KEY);
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
