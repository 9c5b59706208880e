package org.bncnn.store;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.bncnn.text.Printable;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;

/**
 * Configurations of networks in DL4J's JSON.
 *
 * <p>The JSON names the classes that DL4J makes objects of. Each is held to a list before DL4J sees any of it.
 */
final class ConfigurationFormat {
    /** Where a configuration's parts are: layers, activations, losses, updaters, schedules, initialisations. */
    private static final List<String> PACKAGES = List.of(
            "org.deeplearning4j.nn.conf.",
            "org.deeplearning4j.nn.weights.",
            "org.nd4j.linalg.activations.impl.",
            "org.nd4j.linalg.learning.config.",
            "org.nd4j.linalg.learning.regularization.",
            "org.nd4j.linalg.lossfunctions.impl.",
            "org.nd4j.linalg.schedule.");

    /** This program's own; by name, because this package depends on none of ours. */
    private static final Set<String> OWN = Set.of("org.bncnn.norm.BatchNorm", "org.bncnn.model.HeavyBall");

    private static final String CLASS = "@class";

    /** Texts are split here, because Jackson also takes {@code Outer<Inner>} for a class. */
    private static final Pattern NOT_IN_NAMES = Pattern.compile("[^\\w$.]+");

    private static final int MOST_NAMES = 1000;
    private static final int LONGEST_TEXT = 1000;

    private ConfigurationFormat() {}

    /** {@return the JSON, in ASCII}, because DL4J reads it in whatever charset the platform has */
    static byte[] write(MultiLayerConfiguration configuration) {
        StringBuilder ascii = new StringBuilder();
        configuration.toJson().chars().forEach(c -> {
            if (c < 0x80) {
                ascii.append((char) c);
            } else {
                ascii.append(String.format("\\u%04x", c));
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
        for (String name : names(root)) {
            check(name, alsoAllowed);
        }
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
        String json = configuration.toJson();
        return OWN.stream()
                .filter(name -> json.contains('"' + name + '"'))
                .sorted()
                .toList();
    }

    private static JsonNode parse(String json) throws IOException {
        JsonNode root = UntrustedJson.parse(json);
        if (root.has("vertices")) {
            throw new IOException("it is a ComputationGraph's; only a MultiLayerNetwork is read");
        }
        if (!root.path("confs").isArray() || root.path("confs").isEmpty()) {
            throw new IOException("it has no layers");
        }
        return root;
    }

    /**
     * {@return every text in a tree that could be the name of a class}: Jackson looks for one in the field {@code @class}, in {@code type},
     * and at the beginning of an array
     */
    private static Set<String> names(JsonNode root) throws IOException {
        Set<String> names = new TreeSet<>();
        Deque<JsonNode> open = new ArrayDeque<>(List.of(root));
        while (!open.isEmpty()) {
            JsonNode node = open.pop();
            node.forEach(open::push);
            if (node.has(CLASS) && !isClass(node.get(CLASS))) {
                throw new IOException("it names the class "
                        + Printable.excerpt(node.get(CLASS).toString()) + ", which is not on the class path");
            }
            if (node.isTextual()) {
                if (node.textValue().length() > LONGEST_TEXT) {
                    throw new IOException("it has a text of more than " + LONGEST_TEXT + " characters");
                }
                NOT_IN_NAMES
                        .splitAsStream(node.textValue())
                        .filter(name -> name.contains("."))
                        .forEach(names::add);
            }
            if (names.size() > MOST_NAMES) {
                throw new IOException("it names more than " + MOST_NAMES + " classes");
            }
        }
        return names;
    }

    private static void check(String name, Set<String> alsoAllowed) throws IOException {
        boolean allowed =
                PACKAGES.stream().anyMatch(name::startsWith) || OWN.contains(name) || alsoAllowed.contains(name);
        if (!allowed && isClass(name)) {
            throw new IOException("it names the class " + name + ", which is no part of DL4J's configurations; if it is"
                    + " your own layer's, load the model by program and allow it");
        }
    }

    private static boolean isClass(JsonNode name) {
        return name.isTextual() && isClass(name.textValue());
    }

    /** Jackson asks the thread's class loader first. */
    private static boolean isClass(String name) {
        return isClass(name, Thread.currentThread().getContextClassLoader())
                || isClass(name, ConfigurationFormat.class.getClassLoader());
    }

    private static boolean isClass(String name, ClassLoader loader) {
        try {
            Class.forName(name, false, loader);
            return true;
        } catch (ClassNotFoundException | LinkageError e) {
            return false;
        }
    }
}
