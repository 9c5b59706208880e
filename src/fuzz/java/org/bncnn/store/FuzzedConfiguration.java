package org.bncnn.store;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.fasterxml.jackson.databind.node.ValueNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.bncnn.norm.BatchNorm;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Deconvolution2D;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.deeplearning4j.nn.conf.layers.LocallyConnected2D;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PReLULayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SeparableConvolution2D;
import org.deeplearning4j.nn.conf.layers.SpaceToDepthLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.Upsampling2D;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping2D;
import org.nd4j.linalg.activations.Activation;

/** Configurations of small networks of images, changed so that they stay valid JSON. */
final class FuzzedConfiguration {
    static final int SIDE = 8;

    private static final double[] NUMBERS = {
        0,
        -1,
        1,
        2,
        3,
        7,
        8,
        100,
        65536,
        65537,
        Integer.MAX_VALUE,
        Integer.MIN_VALUE,
        1L << 32,
        Long.MAX_VALUE,
        1e-50,
        1e38,
        1e300
    };

    private static final List<String> NOT_NUMBERS = List.of("NaN", "Infinity", "-Infinity");

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    /** Of DL4J's enumerations. */
    private static final List<String> TEXTS = List.of(
            "NCHW",
            "NHWC",
            "Same",
            "Truncate",
            "Strict",
            "Causal",
            "MAX",
            "AVG",
            "SUM",
            "PNORM",
            "FLOAT",
            "DOUBLE",
            "HALF",
            "INT",
            "UTF8",
            "TruncatedBPTT",
            "Standard",
            "NONE",
            "ENABLED");

    private static final List<JsonNode> NETWORKS = Stream.of(
                    List.<Layer>of(
                            convolution(Activation.RELU),
                            new BatchNormalization.Builder().useLogStd(false).build(),
                            new ActivationLayer(Activation.RELU),
                            new SubsamplingLayer.Builder().build(),
                            convolution(Activation.IDENTITY),
                            new BatchNormalization.Builder().build(),
                            new SubsamplingLayer.Builder(PoolingType.AVG).build(),
                            new DenseLayer.Builder()
                                    .nOut(6)
                                    .activation(Activation.TANH)
                                    .build(),
                            new BatchNorm.Builder().build(),
                            new ActivationLayer(Activation.LEAKYRELU)),
                    List.<Layer>of(
                            new ZeroPaddingLayer.Builder(1, 1, 1, 1).build(),
                            new Upsampling2D.Builder(2).build(),
                            new SpaceToDepthLayer.Builder<>(2, CNN2DFormat.NCHW).build(),
                            new Cropping2D.Builder(1, 1, 1, 1).build(),
                            new LocalResponseNormalization.Builder().build(),
                            new SeparableConvolution2D.Builder(3, 3).nOut(4).build(),
                            new DepthwiseConvolution2D.Builder(3, 3)
                                    .depthMultiplier(2)
                                    .build(),
                            new Deconvolution2D.Builder(2, 2).nOut(4).build(),
                            new GlobalPoolingLayer.Builder().build()),
                    List.<Layer>of(
                            new LocallyConnected2D.Builder()
                                    .kernelSize(3, 3)
                                    .nOut(4)
                                    .activation(Activation.RELU)
                                    .build(),
                            new PReLULayer.Builder().build(),
                            new DenseLayer.Builder()
                                    .nOut(6)
                                    .activation(Activation.CUBE)
                                    .build()))
            .map(FuzzedConfiguration::json)
            .toList();

    private FuzzedConfiguration() {}

    private static Layer convolution(Activation activation) {
        return new ConvolutionLayer.Builder(3, 3)
                .padding(1, 1)
                .nOut(4)
                .activation(activation)
                .build();
    }

    private static JsonNode json(List<Layer> layers) {
        var list = new NeuralNetConfiguration.Builder().list();
        layers.forEach(list::layer);
        list.layer(
                new OutputLayer.Builder().nOut(3).activation(Activation.SOFTMAX).build());
        try {
            return UntrustedJson.parse(list.setInputType(InputType.convolutional(SIDE, SIDE, 1))
                    .build()
                    .toJson());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** {@return a configuration with a few changes} */
    static byte[] of(FuzzedDataProvider data) {
        ObjectNode root = data.pickValue(NETWORKS).deepCopy();
        int changes = data.consumeInt(1, 3);
        for (int i = 0; i < changes; i++) {
            if (data.consumeInt(0, 3) == 0) {
                changeLayers((ArrayNode) root.get("confs"), data);
            } else {
                changeValue(root, data);
            }
        }
        return root.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static void changeLayers(ArrayNode confs, FuzzedDataProvider data) {
        int at = data.consumeInt(0, confs.size() - 1);
        switch (data.consumeInt(0, 3)) {
            case 0 ->
                confs.insert(at, confs.get(data.consumeInt(0, confs.size() - 1)).deepCopy());
            case 1 -> {
                if (confs.size() > 1) {
                    confs.remove(at);
                }
            }
            case 2 -> {
                JsonNode moved = confs.remove(at);
                confs.insert(data.consumeInt(0, confs.size()), moved);
            }
            default -> {
                JsonNode other = data.pickValue(NETWORKS).get("confs");
                confs.insert(at, other.get(data.consumeInt(0, other.size() - 1)).deepCopy());
            }
        }
    }

    /** A place in a tree whose value is plain. */
    private record Place(JsonNode parent, String field, int index) {
        JsonNode value() {
            return field == null ? parent.get(index) : parent.get(field);
        }

        void set(ValueNode value) {
            if (field == null) {
                ((ArrayNode) parent).set(index, value);
            } else {
                ((ObjectNode) parent).set(field, value);
            }
        }
    }

    private static void changeValue(JsonNode root, FuzzedDataProvider data) {
        List<Place> places = new ArrayList<>();
        collect(root, places);
        Place place = data.pickValue(places);
        JsonNode value = place.value();
        if (value.isNumber()) {
            int choice = data.consumeInt(0, NUMBERS.length + NOT_NUMBERS.size() - 1);
            if (choice >= NUMBERS.length) {
                place.set(TextNode.valueOf(NOT_NUMBERS.get(choice - NUMBERS.length)));
            } else if (value.isIntegralNumber()) {
                place.set(NODES.numberNode((long) NUMBERS[choice]));
            } else {
                place.set(NODES.numberNode(NUMBERS[choice]));
            }
        } else if (value.isBoolean()) {
            place.set(NODES.booleanNode(!value.booleanValue()));
        } else if (value.isTextual()) {
            List<String> others = places.stream()
                    .filter(each -> each.value().isTextual() && sameField(each, place))
                    .map(each -> each.value().textValue())
                    .distinct()
                    .toList();
            place.set(TextNode.valueOf(data.pickValue(others.size() > 1 ? others : TEXTS)));
        }
    }

    private static boolean sameField(Place a, Place b) {
        return a.field() != null && a.field().equals(b.field());
    }

    private static void collect(JsonNode node, List<Place> places) {
        if (node.isObject()) {
            node.properties().forEach(each -> {
                if (each.getValue().isValueNode()) {
                    places.add(new Place(node, each.getKey(), 0));
                } else {
                    collect(each.getValue(), places);
                }
            });
        } else {
            for (int i = 0; i < node.size(); i++) {
                if (node.get(i).isValueNode()) {
                    places.add(new Place(node, null, i));
                } else {
                    collect(node.get(i), places);
                }
            }
        }
    }
}
