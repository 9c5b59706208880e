package org.bncnn.store;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.bncnn.store.ModelInspection.Entry;
import org.bncnn.store.ModelInspection.Layer;
import org.bncnn.text.Printable;

/** A {@link ModelInspection} as text for a terminal. */
public final class ModelInspectionText {
    /** What is between brackets, such as the learning rate of each epoch in a {@code MapSchedule}. */
    private static final Pattern LONG_LIST = Pattern.compile("([\\[{])[^\\[\\]{}]{40,}([\\]}])");

    private ModelInspectionText() {}

    /** {@return everything that was found, in several lines} */
    public static String render(ModelInspection found) {
        StringBuilder text = new StringBuilder();
        if (!found.entries().isEmpty()) {
            line(text, "%-20s %13s %13s  %s", "entry", "bytes", "packed", "SHA-256");
        }
        for (Entry entry : found.entries()) {
            line(text, "%-20s %,13d %,13d  %s", entry.name(), entry.bytes(), entry.packedBytes(), entry.sha256());
        }
        if (!found.layers().isEmpty()) {
            layers(text, found);
        }
        if (found.description() != null) {
            describe(text, found);
        } else if (found.isSafe()) {
            value(
                    text,
                    "input",
                    found.inputShape() == null ? "the file does not say how large the images are" : shape(found));
            value(text, "classes", "the file does not name them");
        }
        line(text, text.isEmpty() ? "%s" : "%n%s", verdict(found));
        return text.toString();
    }

    private static void layers(StringBuilder text, ModelInspection found) {
        String row = "%-12s %,11d  %-60s %s";
        line(text, "%n%-12s %11s  %-60s %s", "layer", "parameters", "class", "updater");
        for (Layer layer : found.layers()) {
            line(
                    text,
                    row,
                    layer.name(),
                    layer.parameters(),
                    layer.type(),
                    layer.updater() == null
                            ? ""
                            : LONG_LIST.matcher(layer.updater()).replaceAll("$1…$2"));
        }
        line(
                text,
                row,
                "all",
                found.layers().stream().mapToLong(Layer::parameters).sum(),
                "",
                "");
        line(
                text,
                "%n%-14s %s",
                "normalizer",
                found.normalizer() == null ? "none: pixels, 0 to 255, go in as they are" : found.normalizer());
    }

    private static String verdict(ModelInspection found) {
        if (!found.isSafe()) {
            return found.refusal();
        }
        return found.needed().isEmpty()
                ? "Safe to load, with DL4J alone."
                : "Safe to load, with this program's jar on the class path for " + String.join(", ", found.needed());
    }

    private static String shape(ModelInspection found) {
        return found.inputShape() + " (channels, height, width)";
    }

    private static void describe(StringBuilder text, ModelInspection found) {
        ModelDescription model = found.description();
        value(text, "input", shape(found) + ", pixels 0 to 255");
        if (model.preparation() != null) {
            value(
                    text,
                    "image files",
                    model.preparation().properties().stream()
                            .map(each -> each.getKey() + " " + each.getValue().asText())
                            .collect(Collectors.joining(", ")));
        }
        value(text, "classes", String.join(", ", model.classNames()));
        if (model.evaluation() != null) {
            value(
                    text,
                    "accuracy",
                    String.format(
                            Locale.ROOT,
                            "%.2f %% on %,d test images",
                            100 * model.evaluation().path("accuracy").asDouble(),
                            model.evaluation().path("images").asInt()));
        }
        if (model.provenance() != null) {
            model.provenance().properties().forEach(each -> {
                JsonNode node = each.getValue();
                value(text, each.getKey(), node.isValueNode() ? node.asText() : node.toString());
            });
        }
    }

    private static void value(StringBuilder text, String name, String value) {
        line(text, "%-14s %s", Printable.excerpt(name), Printable.excerpt(value));
    }

    private static void line(StringBuilder text, String format, Object... values) {
        Object[] shown = Arrays.stream(values)
                .map(value -> value instanceof String string ? Printable.line(string) : value)
                .toArray();
        text.append(String.format(Locale.ROOT, format, shown).stripTrailing()).append('\n');
    }
}
