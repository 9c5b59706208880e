package org.bncnn.store;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;

/**
 * Configurations of networks in DL4J's JSON.
 *
 * <p>The JSON names the classes that DL4J makes objects of. Each is checked against a list before DL4J sees any of it.
 */
final class ConfigurationFormat {
    /** DL4J needs a millisecond and 50 kB for each, however small it is. */
    private static final int MOST_LAYERS = 2000;

    private ConfigurationFormat() {}

    /** {@return the JSON, in ASCII}, because DL4J reads it in whatever charset the platform has */
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
     * @param alsoAllowed classes it may name beside DL4J's and ours
     * @throws IOException if it is no configuration of a {@code MultiLayerNetwork}, or names a class that it may not name or that is not there
     */
    static MultiLayerConfiguration read(byte[] bytes, Set<String> alsoAllowed) throws IOException {
        String json = UntrustedJson.decode(bytes);
        JsonNode root = parse(json);
        new ConfigurationClasses(alsoAllowed).check(root);
        ConfigurationArrays.check(root);
        if (!LegacyConfiguration.is(root)) {
            return MultiLayerConfiguration.fromJson(json);
        }
        LegacyConfiguration.check(root);
        MultiLayerConfiguration read = MultiLayerConfiguration.fromJson(json);
        LegacyConfiguration.checkComplete(read);
        return read;
    }

    /** {@return the classes of this program that a configuration names} */
    static List<String> ownClasses(MultiLayerConfiguration configuration) {
        return ConfigurationClasses.ownIn(configuration.toJson());
    }

    private static JsonNode parse(String json) throws IOException {
        JsonNode root = UntrustedJson.parse(json);
        if (root.has("vertices")) {
            throw new IOException("it is a ComputationGraph's; only a MultiLayerNetwork is read");
        }
        if (!root.path("confs").isArray() || root.path("confs").isEmpty()) {
            throw new IOException("it has no layers");
        }
        if (root.path("confs").size() > MOST_LAYERS) {
            throw new IOException(
                    "it has " + root.path("confs").size() + " layers; no more than " + MOST_LAYERS + " are read");
        }
        return root;
    }
}
