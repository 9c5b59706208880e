package org.bncnn.store;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.bncnn.store.ModelInspection.Entry;
import org.bncnn.store.ModelInspection.Layer;
import org.bncnn.text.Lines;
import org.bncnn.text.Numbers;
import org.bncnn.text.Printable;

/** A {@link ModelInspection} as text for a terminal. */
public final class ModelInspectionText {
    /** A long text between brackets, such as the learning rate of each epoch in a {@code MapSchedule}. */
    private static final Pattern LONG_LIST = Pattern.compile("([\\[{])[^\\[\\]{}]{40,}([\\]}])");

    private static final String LAYER = "%-12s %,11d  %-60s %s";

    private final ModelInspection found;
    private final Lines text = new Lines();

    private ModelInspectionText(ModelInspection found) {
        this.found = found;
    }

    /**
     * {@return everything that was found, in several lines}
     *
     * @param found the inspection
     */
    public static String render(ModelInspection found) {
        return new ModelInspectionText(found).render();
    }

    private String render() {
        if (!found.entries().isEmpty()) {
            text.add("%-20s %13s %13s  %s", "entry", "bytes", "packed", "SHA-256");
        }
        for (Entry entry : found.entries()) {
            text.add("%-20s %,13d %,13d  %s", entry.name(), entry.bytes(), entry.packedBytes(), entry.sha256());
        }
        if (!found.layers().isEmpty()) {
            layers();
        }
        if (found.description() != null) {
            description(found.description());
        } else if (found.isSafe()) {
            value("input", found.inputShape() == null ? "the file does not say how large the images are" : shape());
            value("classes", "the file does not name them");
        }
        text.add(text.isEmpty() ? "%s" : "%n%s", verdict());
        return text.toString();
    }

    private void layers() {
        text.add("%n%-12s %11s  %-60s %s", "layer", "parameters", "class", "updater");
        for (Layer layer : found.layers()) {
            String updater = layer.updater() == null ? "" : layer.updater();
            String shortened = LONG_LIST.matcher(updater).replaceAll("$1…$2");
            text.add(LAYER, layer.name(), layer.parameters(), layer.type(), shortened);
        }
        long all = found.layers().stream().mapToLong(Layer::parameters).sum();
        text.add(LAYER, "all", all, "", "");
        text.add("");
        value(
                "normalizer",
                found.normalizer() == null ? "none: pixels, 0 to 255, go in as they are" : found.normalizer());
    }

    private String verdict() {
        if (!found.isSafe()) {
            return found.refusal();
        }
        return found.needed().isEmpty()
                ? "Safe to load, with DL4J alone."
                : "Safe to load, with this program's jar on the class path for " + String.join(", ", found.needed());
    }

    private String shape() {
        return found.inputShape() + " (channels, height, width)";
    }

    private void description(ModelDescription model) {
        value("input", shape() + ", pixels 0 to 255");
        if (model.preparation() != null) {
            value(
                    "image files",
                    model.preparation().properties().stream()
                            .map(each -> each.getKey() + " " + each.getValue().asText())
                            .collect(Collectors.joining(", ")));
        }
        value("classes", String.join(", ", model.classNames()));
        if (model.evaluation() != null) {
            String accuracy =
                    Numbers.percent(model.evaluation().path("accuracy").asDouble());
            String images = Numbers.count(model.evaluation().path("images").asInt());
            value("accuracy", accuracy + " on " + images + " test images");
        }
        if (model.provenance() != null) {
            model.provenance().properties().forEach(each -> {
                JsonNode node = each.getValue();
                value(each.getKey(), node.isValueNode() ? node.asText() : node.toString());
            });
        }
    }

    private void value(String name, String value) {
        text.add("%-14s %s", Printable.excerpt(name), Printable.excerpt(value));
    }
}
