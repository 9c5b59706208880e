package org.bncnn.compare;

import static org.bncnn.text.Numbers.format;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.bncnn.compare.Comparison.LayerParity;
import org.bncnn.compare.Comparison.LayerSpeed;
import org.bncnn.compare.Comparison.NormTraining;
import org.bncnn.compare.Comparison.Quantity;
import org.bncnn.text.Lines;
import org.bncnn.text.Numbers;
import org.bncnn.train.EpochResult;

/** A {@link Comparison} as text for a terminal: tables, then the verdict. */
public final class ComparisonText {
    private ComparisonText() {}

    /**
     * {@return everything that was found, in several lines}
     *
     * @param comparison what was found
     */
    public static String render(Comparison comparison) {
        Lines text = new Lines();
        if (!comparison.parity().isEmpty()) {
            parity(comparison, text);
        }
        if (!comparison.speed().isEmpty()) {
            speed(comparison.speed(), text);
        }
        if (!comparison.training().isEmpty()) {
            training(comparison.training(), text);
        }
        text.add("Verdict");
        comparison.verdict().forEach(sentence -> text.add("- %s", sentence));
        return text.toString().stripTrailing();
    }

    private static void parity(Comparison comparison, Lines text) {
        text.add(
                "Parity on %d batches: custom against built-in, and each against double precision",
                comparison.parityBatches());
        List<List<?>> rows = new ArrayList<>();
        rows.add(List.of("layer", "input", "what", "max |Δ|", "rel. L2", "built-in", "custom"));
        for (LayerParity place : comparison.parity()) {
            String shape = shape(place.shape());
            for (Quantity quantity : place.quantities()) {
                rows.add(List.of(
                        place.layer(),
                        shape,
                        quantity.name(),
                        scientific(quantity.maxAbsolute()),
                        scientific(quantity.relative()),
                        scientific(quantity.builtinError()),
                        scientific(quantity.customError())));
            }
            String name = "running variance, meant to differ (m="
                    + place.runningVariance().valuesPerChannel() + ")";
            String relative = scientific(place.runningVariance().relative());
            rows.add(List.of(place.layer(), shape, name, "", relative, "", ""));
        }
        text.table("%-5s %-14s %-40s %9s %9s   %9s %9s", rows);
        text.add("");
    }

    private static void speed(List<LayerSpeed> speed, Lines text) {
        text.add(
                "The layers alone: median µs, and arrays allocated, in units of the input (output and gradient are 2)");
        List<List<?>> rows = new ArrayList<>();
        rows.add(List.of("input", "implementation", "forward", "backward", "both", "arrays"));
        for (LayerSpeed one : speed) {
            rows.add(List.of(
                    shape(one.shape()),
                    one.implementation(),
                    format("%,.0f", one.forwardMicros()),
                    format("%,.0f", one.backwardMicros()),
                    format("%,.0f", one.micros()),
                    format("%.1f", one.arrays())));
        }
        text.table("%-14s %-38s %9s %9s %9s %7s", rows);
        text.add("");
    }

    private static void training(List<NormTraining> training, Lines text) {
        text.add("Training, from the same weights on the same batches");
        List<List<?>> rows = new ArrayList<>();
        rows.add(List.of("norm", "epoch", "train loss", "test loss", "test accuracy", "seconds", "images/s"));
        for (NormTraining one : training) {
            for (EpochResult epoch : one.epochs()) {
                rows.add(List.of(
                        one.norm(),
                        epoch.epoch(),
                        format("%.4f", epoch.trainLoss()),
                        format("%.4f", epoch.measured().loss()),
                        Numbers.percent(epoch.measured().accuracy()),
                        format("%.1f", epoch.seconds()),
                        format("%,.0f", epoch.imagesPerSecond())));
            }
        }
        text.table("%-8s %5s %11s %10s %14s %9s %9s", rows);
        training.forEach(one -> one.layers().forEach(layer -> text.add("%-8s %s", one.norm(), layer)));
        text.add("");
    }

    private static String shape(List<Long> shape) {
        return shape.stream().map(String::valueOf).collect(Collectors.joining("×"));
    }

    private static String scientific(double value) {
        return format("%.1e", value);
    }
}
