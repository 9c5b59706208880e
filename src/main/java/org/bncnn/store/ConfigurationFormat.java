package org.bncnn.store;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.bncnn.text.Printable;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;

/**
 * Configurations of networks in DL4J's JSON.
 *
 * <p>Classes ({@link ConfigurationClasses}) and arrays are checked before DL4J makes objects of them, numbers as DL4J
 * understood them ({@link ConfigurationNumbers}).
 */
final class ConfigurationFormat {
    /** DL4J needs a millisecond and 50 kB for each, however small it is. */
    private static final int MOST_LAYERS = 2000;

    /** Of the values in an array, such as the weights of a loss. */
    private static final Set<String> ARRAY_TYPES = Set.of("FLOAT", "DOUBLE", "HALF");

    private ConfigurationFormat() {}

    /** {@return the JSON, in ASCII}, because DL4J reads it in the platform's charset */
    static byte[] write(MultiLayerConfiguration configuration) {
        StringBuilder ascii = new StringBuilder();
        configuration.toJson().chars().forEach(c -> {
            if (c < 0x80) {
                ascii.append((char) c);
            } else {
                ascii.append(String.format(Locale.ROOT, "\\u%04x", c));
            }
        });
        return ascii.toString().getBytes(StandardCharsets.US_ASCII);
    }

    /**
     * {@return the configuration}
     *
     * @param alsoAllowed names of classes it may name besides DL4J's and ours
     * @throws IOException if it is not the configuration of a {@code MultiLayerNetwork}, names a class that it may not
     *     name or that is not there, or has a number out of its range
     */
    static MultiLayerConfiguration read(byte[] bytes, Set<String> alsoAllowed) throws IOException {
        String json = UntrustedJson.decode(bytes);
        JsonNode root = UntrustedJson.parse(json);
        checkLayers(root);
        new ConfigurationClasses(alsoAllowed).check(root);
        checkArrays(root);
        boolean legacy = LegacyConfiguration.is(root);
        if (legacy) {
            LegacyConfiguration.check(root);
        }
        MultiLayerConfiguration read = MultiLayerConfiguration.fromJson(json);
        if (legacy) {
            LegacyConfiguration.checkComplete(read);
        }
        ConfigurationNumbers.check(read);
        return read;
    }

    /** {@return the classes of this program that a configuration names} */
    static List<String> ownClasses(MultiLayerConfiguration configuration) {
        return ConfigurationClasses.ownIn(configuration.toJson());
    }

    private static void checkLayers(JsonNode root) throws IOException {
        JsonNode layers = root.path("confs");
        if (root.has("vertices")) {
            throw new IOException("it is a ComputationGraph's; only a MultiLayerNetwork is read");
        }
        if (!layers.isArray() || layers.isEmpty()) {
            throw new IOException("it has no layers");
        }
        if (layers.size() > MOST_LAYERS) {
            throw new IOException("it has " + layers.size() + " layers; no more than " + MOST_LAYERS + " are read");
        }
    }

    /** DL4J's reader of arrays takes the shape as it is, whatever the number of values. */
    private static void checkArrays(JsonNode node) throws IOException {
        if (node.has("shape") && node.has("data")) {
            checkArray(node);
        }
        for (JsonNode child : node) {
            checkArrays(child);
        }
    }

    private static void checkArray(JsonNode array) throws IOException {
        if (!ARRAY_TYPES.contains(array.path("dataType").asText())) {
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
