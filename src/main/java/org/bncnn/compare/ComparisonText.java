package org.bncnn.compare;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.bncnn.compare.LayerParity.Quantity;
import org.bncnn.train.EpochResult;

/** A {@link Comparison} as text for a terminal: tables, then the verdict. */
public final class ComparisonText {
    private ComparisonText() {}

    /** {@return everything that was found, in several lines} */
    public static String render(Comparison comparison) {
        StringBuilder text = new StringBuilder();
        if (!comparison.parity().isEmpty()) {
            parity(comparison, text);
        }
        if (!comparison.speed().isEmpty()) {
            speed(comparison.speed(), text);
        }
        if (!comparison.training().isEmpty()) {
            training(comparison.training(), text);
        }
        line(text, "Verdict");
        comparison.verdict().forEach(sentence -> line(text, "- %s", sentence));
        return text.toString().stripTrailing();
    }

    private static void parity(Comparison comparison, StringBuilder text) {
        line(
                text,
                "Parity on %d batches: custom against built-in, and each against double precision",
                comparison.parityBatches());
        String columns = "%-5s %-14s %-40s %9s %9s   %9s %9s";
        line(text, columns, "layer", "input", "what", "max |Δ|", "rel. L2", "built-in", "custom");
        for (LayerParity place : comparison.parity()) {
            for (Quantity quantity : place.quantities()) {
                line(
                        text,
                        columns,
                        place.layer(),
                        shape(place.shape()),
                        quantity.name(),
                        scientific(quantity.maxAbsolute()),
                        scientific(quantity.relative()),
                        scientific(quantity.builtinError()),
                        scientific(quantity.customError()));
            }
            line(
                    text,
                    columns,
                    place.layer(),
                    shape(place.shape()),
                    "running variance, meant to differ (m="
                            + place.runningVariance().valuesPerChannel() + ")",
                    "",
                    scientific(place.runningVariance().relative()),
                    "",
                    "");
        }
        line(text, "");
    }

    private static void speed(List<LayerSpeed> speed, StringBuilder text) {
        line(
                text,
                "The layers alone: median µs, and arrays allocated, in units of the input (output and gradient are 2)");
        String columns = "%-14s %-38s %9s %9s %9s %7s";
        line(text, columns, "input", "implementation", "forward", "backward", "both", "arrays");
        for (LayerSpeed one : speed) {
            line(
                    text,
                    columns,
                    shape(one.shape()),
                    one.implementation(),
                    number("%,.0f", one.forwardMicros()),
                    number("%,.0f", one.backwardMicros()),
                    number("%,.0f", one.micros()),
                    number("%.1f", one.arrays()));
        }
        line(text, "");
    }

    private static void training(List<NormTraining> training, StringBuilder text) {
        line(text, "Training, from the same weights on the same batches");
        String columns = "%-8s %5s %11s %10s %14s %9s %9s";
        line(text, columns, "norm", "epoch", "train loss", "test loss", "test accuracy", "seconds", "images/s");
        for (NormTraining one : training) {
            for (EpochResult epoch : one.epochs()) {
                line(
                        text,
                        columns,
                        one.norm(),
                        epoch.epoch(),
                        number("%.4f", epoch.trainLoss()),
                        number("%.4f", epoch.measured().loss()),
                        number("%.2f %%", 100 * epoch.measured().accuracy()),
                        number("%.1f", epoch.seconds()),
                        number("%,.0f", epoch.imagesPerSecond()));
            }
        }
        for (NormTraining one : training) {
            one.layers().forEach(layer -> line(text, "%-8s %s", one.norm(), layer));
        }
        line(text, "");
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

    private static void line(StringBuilder text, String format, Object... values) {
        text.append(String.format(Locale.ROOT, format, values).stripTrailing()).append(System.lineSeparator());
    }
}
