package org.bncnn.weights;

import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.bncnn.text.Printable;
import org.bncnn.weights.WeightsInspection.Tensor;

/** A {@link WeightsInspection} as text for a terminal. */
public final class WeightsInspectionText {
    private WeightsInspectionText() {}

    /** {@return everything that was found, in several lines} */
    public static String render(WeightsInspection found) {
        StringBuilder text = new StringBuilder();
        if (!found.tensors().isEmpty()) {
            List<String> names = found.tensors().stream().map(Tensor::name).toList();
            String row = "%-" + widest("tensor", names) + "s  %-5s %,13d  %s";
            line(text, row.replace(",13d", "13s"), "tensor", "type", "values", "shape");
            for (Tensor tensor : found.tensors()) {
                line(text, row, Printable.excerpt(tensor.name()), tensor.type(), tensor.values(), tensor.shape());
            }
        }
        String entry = "%-" + widest("parameters", found.metadata().keySet()) + "s  %s";
        if (!found.tensors().isEmpty()) {
            String count = String.format(
                    Locale.ROOT,
                    "%,d in %,d tensors",
                    found.parameters(),
                    found.tensors().size());
            line(text, "%n" + entry, "parameters", count);
        }
        found.metadata().forEach((key, value) -> line(text, entry, Printable.excerpt(key), Printable.excerpt(value)));
        line(
                text,
                text.isEmpty() ? "%s" : "%n%s",
                found.isSafe() ? "Safe to read: " + found.format() + " weights." : found.refusal());
        return text.toString();
    }

    private static int widest(String heading, Collection<String> texts) {
        return Stream.concat(Stream.of(heading), texts.stream().map(Printable::excerpt))
                .mapToInt(String::length)
                .max()
                .getAsInt();
    }

    private static void line(StringBuilder text, String format, Object... values) {
        text.append(String.format(Locale.ROOT, format, values).stripTrailing()).append('\n');
    }
}
