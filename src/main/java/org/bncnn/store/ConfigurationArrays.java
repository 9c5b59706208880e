package org.bncnn.store;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import org.bncnn.text.Printable;

/**
 * Arrays in a configuration, such as the weights of a loss: type, shape and values. DL4J's reader takes the shape as it is, whatever the
 * number of values.
 */
final class ConfigurationArrays {
    private static final Set<String> TYPES = Set.of("FLOAT", "DOUBLE", "HALF");

    private ConfigurationArrays() {}

    /** @throws IOException if an array's values are no numbers, or not as many as its shape has */
    static void check(JsonNode root) throws IOException {
        Deque<JsonNode> open = new ArrayDeque<>(List.of(root));
        while (!open.isEmpty()) {
            JsonNode node = open.pop();
            node.forEach(open::push);
            if (node.has("shape") && node.has("data")) {
                checkArray(node);
            }
        }
    }

    private static void checkArray(JsonNode array) throws IOException {
        if (!TYPES.contains(array.path("dataType").asText())) {
            throw new IOException("it has an array of another type than FLOAT, DOUBLE and HALF");
        }
        double length = 1;
        for (JsonNode size : array.get("shape")) {
            length *= size.isIntegralNumber() && size.asLong() > 0 ? size.asLong() : Double.NaN;
        }
        if (!array.get("data").isArray() || length != array.get("data").size()) {
            throw new IOException("it has an array of shape "
                    + Printable.excerpt(array.get("shape").toString()) + " with "
                    + array.get("data").size() + " values");
        }
        for (JsonNode value : array.get("data")) {
            if (!(Math.abs(value.asDouble(Double.NaN)) <= Float.MAX_VALUE)) {
                throw new IOException("it has an array with the value " + Printable.excerpt(value.asText()));
            }
        }
    }
}
