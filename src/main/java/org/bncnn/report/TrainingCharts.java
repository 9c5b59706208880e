package org.bncnn.report;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bncnn.eval.Histogram;
import org.bncnn.eval.LayerSignal;
import org.bncnn.eval.NormSignal;
import org.bncnn.eval.Spread;
import org.bncnn.report.Chart.Axes;
import org.bncnn.report.Chart.Series;
import org.bncnn.text.Numbers;
import org.bncnn.train.EpochResult;
import org.bncnn.train.LayerMetrics;
import org.bncnn.train.LossReport;
import org.bncnn.train.Metrics;

/**
 * The charts of a training, finished or not.
 *
 * @param course accuracy, losses, speed
 * @param layers gradients and activations of the layers with weights; empty if there are none yet
 * @param norms parameters, input and output of the batch normalization layers; empty without them
 */
record TrainingCharts(List<Chart> course, List<Chart> layers, List<Chart> norms) {
    /** Lines for layers take the norms' colours in turn. */
    private static final List<String> COLOURS = List.of("none", "builtin", "custom", "other");

    private static final String EPOCHS = "epochs trained";

    static TrainingCharts of(Metrics metrics) {
        List<Chart> course = new ArrayList<>();
        if (!metrics.losses().isEmpty()) {
            course.add(losses(metrics.losses()));
        }
        if (!metrics.epochs().isEmpty()) {
            course.addAll(epochs(metrics.epochs()));
        }
        List<LayerMetrics> seen = metrics.layers();
        LayerMetrics last = seen.isEmpty() ? null : seen.get(seen.size() - 1);
        return new TrainingCharts(
                List.copyOf(course),
                last == null ? List.of() : layers(seen),
                last == null || last.norms().isEmpty() ? List.of() : norms(seen, last));
    }

    List<Chart> all() {
        return Stream.of(course, layers, norms).flatMap(List::stream).toList();
    }

    private static Chart losses(List<LossReport> losses) {
        List<String> labels =
                losses.stream().map(loss -> loss.epoch() + ":" + loss.batch()).toList();
        return Chart.lines(
                "losses",
                "Training loss, mean since the last report",
                new Axes("epoch:batch", labels, "", 4),
                List.of(Series.line("training loss", "custom", losses, LossReport::meanLoss)));
    }

    private static List<Chart> epochs(List<EpochResult> epochs) {
        List<String> labels =
                epochs.stream().map(epoch -> String.valueOf(epoch.epoch())).toList();
        List<Chart> charts = new ArrayList<>();
        List<Series> losses = new ArrayList<>();
        losses.add(Series.line("training, mean over the epoch", "none", epochs, EpochResult::trainLoss));
        if (epochs.get(0).measured() != null) {
            String images = epochs.get(0).measured().images().toString();
            losses.add(Series.line(
                    images + ", after the epoch",
                    "custom",
                    epochs,
                    epoch -> epoch.measured().loss()));
            charts.add(Chart.lines(
                    "accuracy",
                    "Accuracy on the " + images + " images after each epoch",
                    new Axes("epoch", labels, "%", 2),
                    List.of(Series.line(
                            images + " accuracy",
                            "custom",
                            epochs,
                            epoch -> 100 * epoch.measured().accuracy()))));
        }
        charts.add(Chart.lines("loss", "Loss of each epoch", new Axes("epoch", labels, "", 4), losses));
        charts.add(Chart.lines(
                "speed",
                "Images trained a second",
                new Axes("epoch", labels, "", 0),
                List.of(Series.line("images/s", "none", epochs, EpochResult::imagesPerSecond))));
        return charts;
    }

    private static List<Chart> layers(List<LayerMetrics> seen) {
        return List.of(
                Chart.lines(
                        "gradients",
                        "Norm of the gradient by each layer's weights",
                        Axes.logarithmic(EPOCHS, labels(seen)),
                        lines(seen, LayerSignal::gradientNorm)),
                Chart.lines(
                        "deviations",
                        "Standard deviation of what each layer passes on",
                        new Axes(EPOCHS, labels(seen), "", 3),
                        lines(seen, LayerSignal::activationDeviation)));
    }

    private static List<Series> lines(List<LayerMetrics> seen, ToDoubleFunction<LayerSignal> value) {
        List<LayerSignal> layers = seen.get(0).layers();
        return IntStream.range(0, layers.size())
                .mapToObj(i -> Series.line(
                        layers.get(i).layer(),
                        colour(i),
                        seen,
                        epoch -> value.applyAsDouble(epoch.layers().get(i))))
                .toList();
    }

    private static List<Chart> norms(List<LayerMetrics> seen, LayerMetrics last) {
        List<Chart> charts = new ArrayList<>(List.of(
                ofChannels("gamma", "γ of the channels: median, and the band of 80 %", seen, NormSignal::gamma),
                ofChannels("beta", "β of the channels", seen, NormSignal::beta),
                ofChannels("mean", "Running mean of the channels", seen, NormSignal::runningMean),
                ofChannels("variance", "Running variance of the channels", seen, NormSignal::runningVariance)));
        for (NormSignal norm : last.norms()) {
            charts.add(histogram(norm, last.epoch()));
        }
        return charts;
    }

    private static Chart ofChannels(
            String id, String title, List<LayerMetrics> seen, Function<NormSignal, Spread> spread) {
        List<NormSignal> norms = seen.get(0).norms();
        List<Series> series = new ArrayList<>();
        for (int i = 0; i < norms.size(); i++) {
            int norm = i;
            List<Spread> spreads = seen.stream()
                    .map(epoch -> spread.apply(epoch.norms().get(norm)))
                    .toList();
            series.add(new Series(
                    norms.get(i).layer(),
                    List.of(colour(i)),
                    Chart.values(spreads, Spread::median),
                    Chart.values(spreads, Spread::low),
                    Chart.values(spreads, Spread::high)));
        }
        return Chart.lines(id, title, new Axes(EPOCHS, labels(seen), "", 3), series);
    }

    /** Leaves out bins at the ends that are empty in both, because a lone outlier would squeeze all other bins. */
    private static Chart histogram(NormSignal norm, int epoch) {
        Histogram before = norm.before();
        Histogram after = norm.after();
        double all = before.counts().stream().mapToInt(Integer::intValue).sum();
        List<Integer> bins = IntStream.range(0, before.counts().size())
                .filter(bin -> before.counts().get(bin) + after.counts().get(bin) > all / 1e4)
                .boxed()
                .toList();
        List<Integer> shown = IntStream.rangeClosed(bins.get(0), bins.get(bins.size() - 1))
                .boxed()
                .toList();
        List<String> labels = shown.stream()
                .map(bin -> Numbers.format("%.1f", before.from() + (bin + 0.5) * before.binWidth()))
                .toList();
        String title = "Values before and after " + norm.layer() + ", "
                + (epoch == 0 ? "before training" : "after epoch " + epoch);
        return new Chart(
                "histogram-" + norm.layer(),
                title,
                title + ": from " + labels.get(0) + " to " + labels.get(labels.size() - 1) + ".",
                "histogram",
                "",
                new Axes("value", labels, "%", 2),
                List.of(
                        Series.line(
                                "before",
                                "builtin",
                                shown,
                                bin -> 100 * before.counts().get(bin) / all),
                        Series.line(
                                "after",
                                "custom",
                                shown,
                                bin -> 100 * after.counts().get(bin) / all)));
    }

    private static List<String> labels(List<LayerMetrics> seen) {
        return seen.stream().map(each -> String.valueOf(each.epoch())).toList();
    }

    private static String colour(int index) {
        return COLOURS.get(index % COLOURS.size());
    }
}
