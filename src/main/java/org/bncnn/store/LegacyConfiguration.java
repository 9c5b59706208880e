package org.bncnn.store;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.bncnn.text.Printable;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.BaseOutputLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.serde.legacy.LegacyJsonFormat;
import org.nd4j.shade.jackson.annotation.JsonSubTypes;

/**
 * Configurations that DL4J wrote before 1.0.0-beta. A layer's type is the name of an object around it,
 * {@code {"convolution": {…}}}, where later versions name the class.
 *
 * <p>DL4J's own reader finds the classes in the tables of {@link LegacyJsonFormat} only, which say here what it will
 * not know.
 */
final class LegacyConfiguration {
    private static final Set<String> LAYERS = names(LegacyJsonFormat.LayerMixin.class);
    private static final Set<String> PREPROCESSORS = names(LegacyJsonFormat.InputPreProcessorMixin.class);

    private LegacyConfiguration() {}

    private static Set<String> names(Class<?> table) {
        return Arrays.stream(table.getAnnotation(JsonSubTypes.class).value())
                .map(JsonSubTypes.Type::name)
                .collect(Collectors.toUnmodifiableSet());
    }

    /** {@return whether a configuration is one}: DL4J takes it for one if a layer names no class */
    static boolean is(JsonNode root) {
        for (JsonNode conf : root.path("confs")) {
            if (!conf.path("layer").has("@class")) {
                return true;
            }
        }
        return false;
    }

    /** @throws IOException if DL4J does not have the type of a layer or a preprocessor, or no longer has it */
    static void check(JsonNode root) throws IOException {
        int index = 0;
        for (JsonNode conf : root.path("confs")) {
            checkType("layer " + index++, conf.path("layer"), LAYERS);
        }
        for (Map.Entry<String, JsonNode> each : root.path("inputPreProcessors").properties()) {
            checkType("the preprocessor of layer " + each.getKey(), each.getValue(), PREPROCESSORS);
        }
    }

    private static void checkType(String what, JsonNode wrapped, Set<String> known) throws IOException {
        String type = wrapped.size() == 1 ? wrapped.fieldNames().next() : null;
        if (type == null || !wrapped.get(type).isObject()) {
            throw new IOException(what + " names no type");
        }
        if (!known.contains(type)) {
            throw new IOException(what + " is of the type " + Printable.excerpt(type)
                    + ", which this version of DL4J cannot read from a file written before 1.0.0-beta");
        }
    }

    /** @throws IOException if DL4J's reader, which does not know all forms, left out what a layer cannot run without */
    static void checkComplete(MultiLayerConfiguration read) throws IOException {
        for (int i = 0; i < read.getConfs().size(); i++) {
            Layer layer = read.getConf(i).getLayer();
            boolean withoutActivation = layer instanceof BaseLayer base && base.getActivationFn() == null
                    || layer instanceof ActivationLayer activation && activation.getActivationFn() == null;
            boolean withoutLoss = layer instanceof BaseOutputLayer output && output.getLossFn() == null;
            if (withoutActivation || withoutLoss) {
                throw new IOException("layer " + i + " has its " + (withoutActivation ? "activation" : "loss")
                        + " function in a form that this version of DL4J does not read");
            }
        }
    }
}
