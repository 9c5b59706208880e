package org.bncnn.report;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.bncnn.explain.WorkedExample;
import org.bncnn.explain.WorkedExample.Channel;
import org.bncnn.explain.WorkedExample.RunningStep;

/** A {@link WorkedExample} as one HTML file. */
public final class WorkedExamplePage {
    private WorkedExamplePage() {}

    /** What {@code worked-example.mustache} shows: numbers as text, in the order of the page. */
    record View(
            List<Grid> images,
            Grid kernel,
            List<Grid> x,
            String eps,
            String gamma,
            String beta,
            String decay,
            String mean,
            String variance,
            List<Grid> normalized,
            List<Grid> y,
            List<Grid> upstream,
            String dBeta,
            String dGamma,
            String dVariance,
            String dMean,
            List<Grid> dx,
            String largestDifference,
            List<Step> steps,
            String scale,
            String shift,
            Grid inferred,
            List<Row> channels) {}

    /** A map of numbers. */
    record Grid(List<List<String>> rows) {}

    record Step(
            int batch,
            List<Grid> x,
            String mean,
            String variance,
            String unbiasedVariance,
            String runningMean,
            String runningVariance) {}

    record Row(
            int channel,
            Grid kernel,
            String mean,
            String variance,
            String gamma,
            String beta,
            String yMean,
            String yVariance) {}

    /** Writes the page, whole or not at all. It needs nothing but a browser. */
    public static void write(Path file, WorkedExample example) throws IOException {
        HtmlTemplate.write(file, "worked-example", view(example));
    }

    private static View view(WorkedExample example) {
        return new View(
                grids(example.images(), 0),
                grid(example.kernel(), 0),
                grids(example.x(), 0),
                String.format(Locale.ROOT, "%.0e", WorkedExample.EPS),
                String.valueOf(WorkedExample.GAMMA),
                String.valueOf(WorkedExample.BETA),
                String.valueOf(WorkedExample.DECAY),
                number(example.forward().mean(), 4),
                number(example.forward().variance(), 4),
                grids(example.forward().normalized(), 3),
                grids(example.forward().y(), 3),
                grids(example.backward().upstream(), 1),
                number(example.backward().dBeta(), 4),
                number(example.backward().dGamma(), 4),
                number(example.backward().dVariance(), 4),
                number(example.backward().dMean(), 4),
                grids(example.backward().dx(), 3),
                String.format(Locale.ROOT, "%.0e", example.backward().largestDifference()),
                IntStream.range(0, example.running().size())
                        .mapToObj(i -> step(i + 1, example.running().get(i)))
                        .toList(),
                number(example.inference().scale(), 4),
                number(example.inference().shift(), 4),
                grid(example.inference().y(), 3),
                IntStream.range(0, example.channels().size())
                        .mapToObj(i -> row(i, example.channels().get(i)))
                        .toList());
    }

    private static Step step(int batch, RunningStep step) {
        return new Step(
                batch,
                grids(step.x(), 0),
                number(step.mean(), 4),
                number(step.variance(), 4),
                number(step.unbiasedVariance(), 4),
                number(step.runningMean(), 4),
                number(step.runningVariance(), 4));
    }

    private static Row row(int index, Channel channel) {
        return new Row(
                index,
                grid(channel.kernel(), 0),
                number(channel.mean(), 4),
                number(channel.variance(), 4),
                number(channel.gamma(), 1),
                number(channel.beta(), 1),
                number(channel.yMean(), 4),
                number(channel.yVariance(), 4));
    }

    private static List<Grid> grids(double[][][] maps, int decimals) {
        return Arrays.stream(maps).map(map -> grid(map, decimals)).toList();
    }

    private static Grid grid(double[][] map, int decimals) {
        return new Grid(Arrays.stream(map)
                .map(row -> Arrays.stream(row)
                        .mapToObj(value -> number(value, decimals))
                        .toList())
                .toList());
    }

    /** {@return the number, with a true minus sign, and never −0} */
    private static String number(double value, int decimals) {
        return String.format(Locale.ROOT, "%." + decimals + "f", value == 0 ? 0.0 : value)
                .replace('-', '−');
    }
}
