package org.bncnn.export.onnx;

import static org.bncnn.export.onnx.Graph.integer;
import static org.bncnn.export.onnx.Graph.real;

import java.util.List;
import java.util.Map;
import org.bncnn.export.NotExportableException;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationCube;
import org.nd4j.linalg.activations.impl.ActivationELU;
import org.nd4j.linalg.activations.impl.ActivationGELU;
import org.nd4j.linalg.activations.impl.ActivationHardSigmoid;
import org.nd4j.linalg.activations.impl.ActivationHardTanH;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationLReLU;
import org.nd4j.linalg.activations.impl.ActivationMish;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.activations.impl.ActivationReLU6;
import org.nd4j.linalg.activations.impl.ActivationRectifiedTanh;
import org.nd4j.linalg.activations.impl.ActivationSELU;
import org.nd4j.linalg.activations.impl.ActivationSigmoid;
import org.nd4j.linalg.activations.impl.ActivationSoftPlus;
import org.nd4j.linalg.activations.impl.ActivationSoftSign;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;
import org.nd4j.linalg.activations.impl.ActivationSwish;
import org.nd4j.linalg.activations.impl.ActivationTanH;
import org.nd4j.linalg.activations.impl.ActivationThresholdedReLU;

/** The nodes of one activation function, as DL4J computes it. */
final class ActivationNodes {
    /** Chains of operators without attributes; {@code Mul} multiplies by the activation's input. */
    private static final Map<Class<? extends IActivation>, List<String>> PLAIN = Map.of(
            ActivationCube.class, List.of("Mul", "Mul"),
            ActivationIdentity.class, List.of(),
            ActivationMish.class, List.of("Softplus", "Tanh", "Mul"),
            ActivationRectifiedTanh.class, List.of("Tanh", "Relu"),
            ActivationSELU.class, List.of("Selu"),
            ActivationSigmoid.class, List.of("Sigmoid"),
            ActivationSoftPlus.class, List.of("Softplus"),
            ActivationSoftSign.class, List.of("Softsign"),
            ActivationSwish.class, List.of("Sigmoid", "Mul"),
            ActivationTanH.class, List.of("Tanh"));

    /** Of the sigmoid that DL4J takes instead of the normal distribution, unless it is to be precise. */
    private static final float GELU_SLOPE = 1.702f;

    private ActivationNodes() {}

    /** Sub-classes are refused, because they may compute anything. */
    static void add(Graph graph, String name, IActivation activation) throws NotExportableException {
        Class<?> type = activation.getClass();
        String x = graph.tensor();
        if (PLAIN.containsKey(type)) {
            PLAIN.get(type)
                    .forEach(operator -> graph.add(name, operator, operator.equals("Mul") ? List.of(x) : List.of()));
        } else if (type == ActivationReLU.class) {
            addRelu(graph, name, (ActivationReLU) activation);
        } else if (type == ActivationReLU6.class) {
            addClip(graph, name, 0, 6);
        } else if (type == ActivationHardTanH.class) {
            addClip(graph, name, -1, 1);
        } else if (type == ActivationLReLU.class) {
            graph.add(name, "LeakyRelu", real("alpha", ((ActivationLReLU) activation).getAlpha()));
        } else if (type == ActivationELU.class) {
            graph.add(name, "Elu", real("alpha", ((ActivationELU) activation).getAlpha()));
        } else if (type == ActivationThresholdedReLU.class) {
            graph.add(name, "ThresholdedRelu", real("alpha", ((ActivationThresholdedReLU) activation).getTheta()));
        } else if (type == ActivationHardSigmoid.class) {
            graph.add(name, "HardSigmoid", real("alpha", 0.2), real("beta", 0.5));
        } else if (type == ActivationSoftmax.class) {
            graph.add(name, "Softmax", integer("axis", -1));
        } else if (type == ActivationGELU.class && !((ActivationGELU) activation).isPrecise()) {
            graph.add(name, "Mul", List.of(graph.floats(name + ".slope", new float[] {GELU_SLOPE})));
            graph.add(name, "Sigmoid");
            graph.add(name, "Mul", List.of(x));
        } else {
            throw new NotExportableException("its activation " + activation + " is not exported");
        }
    }

    private static void addRelu(Graph graph, String name, ActivationReLU relu) throws NotExportableException {
        if (relu.getThreshold() != null && relu.getThreshold() != 0) {
            throw new NotExportableException("its activation relu has a threshold, which ONNX's has not");
        }
        if (relu.getNegativeSlope() == null || relu.getNegativeSlope() == 0) {
            graph.add(name, "Relu");
        } else {
            graph.add(name, "LeakyRelu", real("alpha", relu.getNegativeSlope()));
        }
        if (relu.getMax() != null) {
            graph.add(name, "Min", List.of(graph.floats(name + ".max", new float[] {
                relu.getMax().floatValue()
            })));
        }
    }

    private static void addClip(Graph graph, String name, float min, float max) {
        graph.add(
                name,
                "Clip",
                List.of(graph.floats(name + ".min", new float[] {min}), graph.floats(name + ".max", new float[] {max
                })));
    }
}
