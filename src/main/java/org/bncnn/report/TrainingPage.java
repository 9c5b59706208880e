package org.bncnn.report;

import static java.util.Map.entry;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bncnn.array.Floats;
import org.bncnn.data.ImageSet;
import org.bncnn.data.ImageSetIterator;
import org.bncnn.eval.EvaluationResult;
import org.bncnn.eval.Evaluator;
import org.bncnn.eval.Evaluator.Mistake;
import org.bncnn.model.ReferenceCnn;
import org.bncnn.text.Numbers;
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
 * A training as one HTML file: curves, statistics of the layers, results by class, the surest mistakes, the first
 * layer's filters, provenance.
 */
public final class TrainingPage {
    private TrainingPage() {}

    /** The most mistakes that the page shows. */
    private static final int MISTAKES = 24;

    private static final int BATCH_SIZE = 1000;

    record ConfusionRow(int number, String name, List<Cell> cells) {}

    /** A number of images; {@code shade} 0 to 100 is its share of the row. */
    record Cell(int count, long shade, boolean right) {}

    /**
     * Writes the page, whole or not at all. It needs nothing but a browser. A training that is not finished, or that
     * was killed, has curves only.
     *
     * @param file the page
     * @param run the run folder whose metrics and provenance it shows
     * @param network the trained network; null if there is none
     * @param test the images to look for mistakes in; null if there are none
     * @throws IOException if the run folder lacks metrics or provenance, the file cannot be written, or Chart.js is not
     *     on the class path
     */
    public static void write(Path file, RunFolder run, MultiLayerNetwork network, ImageSet test) throws IOException {
        Metrics metrics = run.metrics();
        Provenance provenance = run.provenance()
                .orElseThrow(() -> new NoSuchFileException(
                        run.path() + ": holds no provenance.json; name a run folder that bncnn train made"));
        Optional<EvaluationResult> measured = run.evaluation();
        TrainingCharts charts = TrainingCharts.of(metrics);
        Map<String, ?> view = Map.ofEntries(
                entry("headline", headline(provenance, metrics, measured)),
                entry("stopped", metrics.epochs().size() < provenance.recipe().epochs()),
                entry("provenance", provenance),
                entry("heldOut", HeldOut.of(provenance.recipe())),
                entry("charts", charts),
                entry("epochs", metrics.epochs()),
                entry("measured", measured.stream().toList()),
                entry("matrix", measured.map(TrainingPage::matrix).orElse(List.of())),
                entry("mistakes", network == null || test == null ? List.of() : mistakes(network, test)),
                entry("filters", network == null ? List.of() : filters(network)));
        HtmlTemplate.write(file, HtmlTemplate.render("training", view, charts.all()));
    }

    private static String headline(Provenance provenance, Metrics metrics, Optional<EvaluationResult> measured) {
        List<EpochResult> epochs = metrics.epochs();
        Optional<Double> last = epochs.isEmpty()
                ? Optional.empty()
                : Optional.ofNullable(epochs.get(epochs.size() - 1).measured()).map(Measurement::accuracy);
        return "Training with norm " + provenance.norm()
                + measured.map(EvaluationResult::accuracy)
                        .or(() -> last)
                        .map(accuracy -> ": " + Numbers.percent(accuracy))
                        .orElse("");
    }

    private static List<ConfusionRow> matrix(EvaluationResult measured) {
        List<ConfusionRow> rows = new ArrayList<>();
        for (List<Integer> counts : measured.confusion()) {
            int row = rows.size();
            int all = Math.max(1, counts.stream().mapToInt(Integer::intValue).sum());
            List<Cell> cells = new ArrayList<>();
            for (int count : counts) {
                cells.add(new Cell(count, Math.round(100.0 * count / all), cells.size() == row));
            }
            rows.add(new ConfusionRow(row, measured.classes().get(row).name(), cells));
        }
        return rows;
    }

    private static List<Picture> mistakes(MultiLayerNetwork network, ImageSet test) throws IOException {
        ImageSetIterator images = ImageSetIterator.ordered(test, BATCH_SIZE);
        images.setPreProcessor(ReferenceCnn.normalizer());
        List<Picture> pictures = new ArrayList<>();
        for (Mistake mistake : Evaluator.surestMistakes(network, images, MISTAKES)) {
            pictures.add(Picture.grey(
                    test.grey(mistake.image()),
                    test.width(),
                    test.height(),
                    Numbers.format(
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
            float[] values = Floats.copyOf(filters.slice(out).mean(0));
            pictures.add(Picture.grey(values, (int) filters.size(3), (int) filters.size(2), String.valueOf(out)));
        }
        return pictures;
    }
}
