package org.bncnn.weights;

import java.util.ArrayList;
import java.util.List;
import org.bncnn.text.Lines;
import org.bncnn.text.Numbers;
import org.bncnn.text.Printable;

/** A {@link WeightsInspection} as text for a terminal. */
public final class WeightsInspectionText {
    private WeightsInspectionText() {}

    /**
     * {@return everything that was found, in several lines}
     *
     * @param found the inspection
     */
    public static String render(WeightsInspection found) {
        Lines text = new Lines();
        List<List<?>> metadata = new ArrayList<>();
        if (!found.tensors().isEmpty()) {
            List<List<?>> tensors = new ArrayList<>(List.of(List.of("tensor", "type", "values", "shape")));
            found.tensors()
                    .forEach(each -> tensors.add(List.of(
                            Printable.excerpt(each.name()), each.type(), Numbers.count(each.values()), each.shape())));
            text.table("%-1s  %-5s %13s  %s", tensors);
            text.add("");
            metadata.add(List.of(
                    "parameters",
                    Numbers.format(
                            "%,d in %,d tensors",
                            found.parameters(), found.tensors().size())));
        }
        found.metadata()
                .forEach((key, value) -> metadata.add(List.of(Printable.excerpt(key), Printable.excerpt(value))));
        text.table("%-10s  %s", metadata);
        text.add(
                text.isEmpty() ? "%s" : "%n%s",
                found.isSafe() ? "Safe to read: " + found.format() + " weights." : found.refusal());
        return text.toString();
    }
}
