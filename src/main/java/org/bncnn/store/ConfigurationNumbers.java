package org.bncnn.store;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;

/**
 * The numbers of a configuration, as DL4J understood it and writes it again, each checked against what its name allows.
 *
 * <p>DL4J's builders check some of them, its JSON parser none. Native code divides by strides and allocates products of
 * sizes, and ends the virtual machine if it cannot.
 */
final class ConfigurationNumbers {
    /** Sizes with a smaller product do not overflow in any formula of DL4J. */
    private static final double LARGEST_PRODUCT = 0x1p56;

    /**
     * Of a locally connected layer. DL4J makes several nodes for each; these take seconds, and the time is quadratic.
     */
    private static final int MOST_POSITIONS = 1024;

    /** Sizes that DL4J multiplies, to the number of parameters or the size of an array. */
    private static final Set<String> MULTIPLIED =
            words("nin nout kernelSize kernel depthMultiplier outputSize size nheads headSize"
                    + " nqueries capsules capsuleDimensions channels inputShape");

    /** Names that DL4J gives NaN to where a builder left them alone. */
    private static final Set<String> MAY_BE_UNSET =
            words("biasInit gainInit visibleBiasInit gradientNormalizationThreshold");

    private static final Set<String> NOT_NUMBERS = words("NaN Infinity -Infinity");
    private static final Set<String> FLOATING_POINT = words("DOUBLE FLOAT HALF BFLOAT16");
    private static final Set<String> WINDOW = words("kernelSize stride dilation padding size cropping blocks");

    /** The bounds of numbers, and their names, with the class where one name has two meanings. */
    private enum Range {
        /** Sides, strides and the like of windows, images and layers. */
        SIZE(
                1,
                ModelDescription.LARGEST_SIZE,
                "kernelSize kernel stride dilation blocks blockSize depthMultiplier nheads RepeatVector.n numSamples",
                "LocalResponseNormalization.n encoderLayerSizes decoderLayerSizes distributionSizes"),
        SIZE_OR_NONE(
                0,
                ModelDescription.LARGEST_SIZE,
                "pnorm inputHeight inputWidth inputDepth outputSize inputSize headSize nqueries hiddenSize capsules",
                "capsuleDimensions channels"),
        /** What is added to an image, or taken from it, on each side. */
        MARGIN(0, 1 << 12, "padding paddingR paddingBr cropping"),
        /** How often a value is repeated on each axis. */
        FACTOR(1, 1 << 8, "size"),
        /** The most are more than a parameter file can hold. */
        UNITS(0, 1 << 28, "numChannels nin nout inputShape"),
        ROUNDS(1, 100, "routings"),
        LENGTH(1, Integer.MAX_VALUE, "tbpttFwdLength tbpttBackLength"),
        COUNT(0, 1 << 30, "iterationCount epochCount"),
        /** Whole numbers that may be negative, such as the size −1 that is to be inferred. */
        WHOLE(Integer.MIN_VALUE, Integer.MAX_VALUE, "targetShape timeSteps tsLength depth lastEpochSinceRUpdated"),
        SEED(Long.MIN_VALUE, Long.MAX_VALUE, "seed"),
        SHARE(0, 1, "p corruptionLevel decay"),
        CLIPPING(0, 0.5, "softmaxClipEps clipEps"),
        STABILITY(Float.MIN_NORMAL, Float.MAX_VALUE, "BatchNormalization.eps BatchNorm.eps"),
        /** Any other whole number. */
        NOT_NEGATIVE(0, Integer.MAX_VALUE),
        /** Any other number. */
        REAL(-Float.MAX_VALUE, Float.MAX_VALUE);

        private final double least;
        private final double most;
        private final List<String> names;

        Range(double least, double most, String... names) {
            this.least = least;
            this.most = most;
            this.names =
                    Arrays.stream(names).flatMap(each -> words(each).stream()).toList();
        }

        /** {@return the range of a number} */
        static Range of(String type, String name, JsonNode value) {
            Range otherwise = value.isIntegralNumber() ? NOT_NEGATIVE : REAL;
            return find(type + "." + name).or(() -> find(name)).orElse(otherwise);
        }

        private static Optional<Range> find(String name) {
            return Arrays.stream(values())
                    .filter(range -> range.names.contains(name))
                    .findFirst();
        }

        boolean holds(double value) {
            return value >= least && value <= most; // NaN is in none
        }

        @Override
        public String toString() {
            return this == REAL
                    ? "a finite float"
                    : this == STABILITY ? "a positive float" : text(least) + " to " + text(most);
        }

        private static String text(double value) {
            return value == Math.rint(value) ? String.valueOf((long) value) : String.valueOf(value);
        }
    }

    private ConfigurationNumbers() {}

    private static Set<String> words(String words) {
        return Set.of(words.split(" "));
    }

    /** @throws IOException if a number is out of its range; the message names the layer */
    static void check(MultiLayerConfiguration configuration) throws IOException {
        JsonNode root = UntrustedJson.parse(configuration.toJson());
        JsonNode confs = root.path("confs");
        for (Map.Entry<String, JsonNode> field : root.properties()) {
            if (!field.getValue().isContainerNode()) {
                check("", "", field.getKey(), field.getValue(), root);
            }
        }
        for (int i = 0; i < confs.size(); i++) {
            checkObject(label(i, confs.get(i)), confs.get(i));
        }
        for (Map.Entry<String, JsonNode> each : root.path("inputPreProcessors").properties()) {
            int index = Integer.parseInt(each.getKey()); // DL4J's parser read it as such
            if (index < 0 || index >= confs.size()) {
                throw new IOException("it has a preprocessor for layer " + index + ", and " + confs.size() + " layers");
            }
            checkObject("preprocessor of layer " + index + ": ", each.getValue());
        }
    }

    /** {@return what a message calls a layer} */
    private static String label(int index, JsonNode conf) {
        JsonNode layer = conf.path("layer");
        return "layer " + index + " (" + layer.path("layerName").asText("") + ", "
                + simpleName(layer.path(ConfigurationClasses.CLASS).asText()) + "): ";
    }

    private static String simpleName(String name) {
        return name.substring(name.lastIndexOf('.') + 1);
    }

    private static void checkObject(String label, JsonNode node) throws IOException {
        String type = node.path(ConfigurationClasses.CLASS).asText("");
        boolean known = type.isEmpty() || ConfigurationClasses.isKnown(type);
        double product = 1;
        for (Map.Entry<String, JsonNode> field : node.properties()) {
            if (known || field.getValue().isObject()) {
                check(label, simpleName(type), field.getKey(), field.getValue(), node);
            }
            if (known && MULTIPLIED.contains(field.getKey())) {
                product *= product(field.getValue());
            }
        }
        if (known && product(node.path("outputSize")) > MOST_POSITIONS) {
            throw new IOException(label + "it is locally connected at more than " + MOST_POSITIONS + " positions");
        }
        if (product > LARGEST_PRODUCT) {
            throw new IOException(label + "its sizes multiply to more than a network can have");
        }
        JsonNode weights = node.path("lossFn").path("weights").path("data");
        long outputs = node.path("nout").asLong();
        if (known && weights.isArray() && outputs > 0 && weights.size() != outputs) {
            throw new IOException(label + "its loss has " + weights.size() + " weights, for " + outputs + " outputs");
        }
    }

    /** @param of the object that has the field, of the class {@code type} */
    private static void check(String label, String type, String name, JsonNode value, JsonNode of) throws IOException {
        if (value.isObject()) {
            checkObject(label, value);
        } else if (value.isArray()) {
            for (JsonNode element : value) {
                check(label, type, name, element, of);
            }
            checkLength(label, type, name, value);
        } else if (name.equals("dataType") && value.isTextual() && !FLOATING_POINT.contains(value.textValue())) {
            throw new IOException(label + "its data type is " + value.textValue() + ", not one of "
                    + FLOATING_POINT.stream().sorted().collect(Collectors.joining(", ")));
        } else if (value.isNumber() || NOT_NUMBERS.contains(value.asText()) && !name.equals("layerName")) {
            checkNumber(label, type, name, value, of);
        }
    }

    private static void checkNumber(String label, String type, String name, JsonNode value, JsonNode of)
            throws IOException {
        Range range = Range.of(type, name, value);
        boolean unset = value.asText().equals("NaN") && (MAY_BE_UNSET.contains(name) || hasSchedule(of));
        if (!unset && !range.holds(Double.parseDouble(value.asText()))) {
            throw new IOException(label + name + " is " + value.asText() + ", not " + range);
        }
    }

    /** {@return whether an object has a schedule}: the number that it replaces is NaN then. */
    private static boolean hasSchedule(JsonNode node) {
        return node.properties().stream()
                .anyMatch(field -> field.getKey().toLowerCase(Locale.ROOT).endsWith("schedule")
                        && field.getValue().isObject());
    }

    /** A window has a number for each axis, a padding or cropping by itself two. */
    private static void checkLength(String label, String type, String name, JsonNode value) throws IOException {
        boolean isPadding = type.startsWith("ZeroPadding") || type.startsWith("Cropping");
        int axes = type.contains("3D") ? 3 : type.contains("1D") ? 1 : 2;
        int length = isPadding ? 2 * axes : axes;
        boolean spare = axes == 1 && !isPadding && value.size() == 2; // DL4J's layers of one axis have a second number
        if (WINDOW.contains(name) && value.size() != length && !spare) {
            throw new IOException(label + name + " has " + value.size() + " numbers, not " + length);
        }
    }

    /** {@return the product of the sizes in a value}, where 0 counts as 1 */
    private static double product(JsonNode value) {
        double product = value.isNumber() ? Math.max(1, value.doubleValue()) : 1;
        for (JsonNode element : value) {
            product *= product(element);
        }
        return product;
    }
}
