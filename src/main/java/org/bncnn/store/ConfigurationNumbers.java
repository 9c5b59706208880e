package org.bncnn.store;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;

/**
 * The numbers of a configuration, as DL4J understood it and writes it again, each checked against what its name allows.
 *
 * <p>DL4J's builders check some of them, its JSON parser none. Native code divides by a stride and allocates what sizes multiply to, and
 * ends the virtual machine if that cannot be done.
 */
final class ConfigurationNumbers {
    /** A window, an image or a layer has no side or stride beyond this. */

    /** What is added to an image, or taken from it, on each side. */
    private static final int WIDEST_MARGIN = 1 << 12;

    /** How often a value is repeated on each axis. */
    private static final int LARGEST_FACTOR = 1 << 8;

    /** More units than a parameter file can hold. */
    private static final int MOST_UNITS = 1 << 28;

    /** Sizes that multiply to less do not overflow, whatever formula of DL4J's multiplies some of them. */
    private static final double LARGEST_PRODUCT = 0x1p56;

    /** A locally connected layer is a graph with several nodes for each; DL4J takes seconds for these, and the square of that for more. */
    private static final int MOST_POSITIONS = 1024;

    private static final Range SIZE = new Range(1, ModelDescription.LARGEST_SIZE);
    private static final Range MARGIN = new Range(0, WIDEST_MARGIN);
    private static final Range FACTOR = new Range(1, LARGEST_FACTOR);
    private static final Range SIZE_OR_NONE = new Range(0, ModelDescription.LARGEST_SIZE);
    private static final Range UNITS = new Range(0, MOST_UNITS);
    private static final Range COUNT = new Range(0, 1 << 30);
    private static final Range SHARE = new Range(0, 1);
    private static final Range CLIPPING = new Range(0, 0.5);
    private static final Range STABILITY = new Range(Float.MIN_NORMAL, Float.MAX_VALUE);

    /** Whole numbers that may be negative, such as the size −1 that is to be inferred. */
    private static final Range WHOLE = new Range(Integer.MIN_VALUE, Integer.MAX_VALUE);

    private static final Range NOT_NEGATIVE = new Range(0, Integer.MAX_VALUE);
    private static final Range REAL = new Range(-Float.MAX_VALUE, Float.MAX_VALUE);
    private static final Range SEED = new Range(Long.MIN_VALUE, Long.MAX_VALUE);

    /** By name, or by class and name where one name has two meanings. What is not here is a number ≥ 0 if it is whole, else any float. */
    private static final Map<String, Range> RANGES = Map.ofEntries(
            Map.entry("kernelSize", SIZE),
            Map.entry("kernel", SIZE),
            Map.entry("stride", SIZE),
            Map.entry("dilation", SIZE),
            Map.entry("size", FACTOR),
            Map.entry("blocks", SIZE),
            Map.entry("blockSize", SIZE),
            Map.entry("depthMultiplier", SIZE),
            Map.entry("nheads", SIZE),
            Map.entry("RepeatVector.n", SIZE),
            Map.entry("routings", new Range(1, 100)),
            Map.entry("LocalResponseNormalization.n", SIZE),
            Map.entry("numSamples", SIZE),
            Map.entry("encoderLayerSizes", SIZE),
            Map.entry("decoderLayerSizes", SIZE),
            Map.entry("distributionSizes", SIZE),
            Map.entry("padding", MARGIN),
            Map.entry("paddingR", MARGIN),
            Map.entry("paddingBr", MARGIN),
            Map.entry("cropping", MARGIN),
            Map.entry("pnorm", SIZE_OR_NONE),
            Map.entry("inputHeight", SIZE_OR_NONE),
            Map.entry("inputWidth", SIZE_OR_NONE),
            Map.entry("inputDepth", SIZE_OR_NONE),
            Map.entry("outputSize", SIZE_OR_NONE),
            Map.entry("inputSize", SIZE_OR_NONE),
            Map.entry("headSize", SIZE_OR_NONE),
            Map.entry("nqueries", SIZE_OR_NONE),
            Map.entry("hiddenSize", SIZE_OR_NONE),
            Map.entry("capsules", SIZE_OR_NONE),
            Map.entry("capsuleDimensions", SIZE_OR_NONE),
            Map.entry("channels", SIZE_OR_NONE),
            Map.entry("numChannels", UNITS),
            Map.entry("nin", UNITS),
            Map.entry("nout", UNITS),
            Map.entry("inputShape", UNITS),
            Map.entry("tbpttFwdLength", new Range(1, Integer.MAX_VALUE)),
            Map.entry("tbpttBackLength", new Range(1, Integer.MAX_VALUE)),
            Map.entry("iterationCount", COUNT),
            Map.entry("epochCount", COUNT),
            Map.entry("targetShape", WHOLE),
            Map.entry("timeSteps", WHOLE),
            Map.entry("tsLength", WHOLE),
            Map.entry("depth", WHOLE),
            Map.entry("lastEpochSinceRUpdated", WHOLE),
            Map.entry("seed", SEED),
            Map.entry("p", SHARE),
            Map.entry("corruptionLevel", SHARE),
            Map.entry("softmaxClipEps", CLIPPING),
            Map.entry("clipEps", CLIPPING),
            Map.entry("decay", SHARE),
            Map.entry("BatchNormalization.eps", STABILITY),
            Map.entry("BatchNorm.eps", STABILITY));

    /** What DL4J multiplies to the number of parameters, or to the size of an array. */
    private static final Set<String> MULTIPLIED = Set.of(
            "nin",
            "nout",
            "kernelSize",
            "kernel",
            "depthMultiplier",
            "outputSize",
            "size",
            "nheads",
            "headSize",
            "nqueries",
            "capsules",
            "capsuleDimensions",
            "channels",
            "inputShape");

    /** Names that DL4J gives NaN to where a builder left them alone. */
    private static final Set<String> MAY_BE_UNSET =
            Set.of("biasInit", "gainInit", "visibleBiasInit", "gradientNormalizationThreshold");

    private static final Set<String> NOT_NUMBERS = Set.of("NaN", "Infinity", "-Infinity");

    private static final Set<String> FLOATING_POINT = Set.of("DOUBLE", "FLOAT", "HALF", "BFLOAT16");

    /** Bounds that a number lies within. */
    private record Range(double least, double most) {
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
                product *= numbers(field.getValue()).stream()
                        .mapToDouble(value -> Math.max(1, value))
                        .reduce(1, (a, b) -> a * b);
            }
        }
        if (known && numbers(node.path("outputSize")).stream().reduce(1.0, (a, b) -> a * b) > MOST_POSITIONS) {
            throw new IOException(label + "it is locally connected at more than " + MOST_POSITIONS + " positions");
        }
        if (product > LARGEST_PRODUCT) {
            throw new IOException(label + "its sizes multiply to more than a network can have");
        }
        if (known && node.has("lossFn")) {
            checkWeights(label, node.get("lossFn").path("weights").path("data"), node.path("nout"));
        }
    }

    private static void checkWeights(String label, JsonNode weights, JsonNode outputs) throws IOException {
        if (weights.isArray() && outputs.asLong() > 0 && weights.size() != outputs.asLong()) {
            throw new IOException(
                    label + "its loss has " + weights.size() + " weights, for " + outputs.asLong() + " outputs");
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
        Range otherwise = value.isIntegralNumber() ? NOT_NEGATIVE : REAL;
        Range range = RANGES.getOrDefault(type + "." + name, RANGES.getOrDefault(name, otherwise));
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
        boolean isWindow = Set.of("kernelSize", "stride", "dilation", "padding", "size", "cropping", "blocks")
                .contains(name);
        if (!isWindow) {
            return;
        }
        int axes = type.contains("3D") ? 3 : type.contains("1D") ? 1 : 2;
        int length = isPadding ? 2 * axes : axes;
        boolean spare = axes == 1 && !isPadding && value.size() == 2; // DL4J's layers of one axis have a second number
        if (value.size() != length && !spare) {
            throw new IOException(label + name + " has " + value.size() + " numbers, not " + length);
        }
    }

    private static List<Double> numbers(JsonNode value) {
        List<Double> numbers = new ArrayList<>();
        if (value.isNumber()) {
            numbers.add(value.doubleValue());
        }
        value.forEach(element -> numbers.addAll(numbers(element)));
        return numbers;
    }
}
