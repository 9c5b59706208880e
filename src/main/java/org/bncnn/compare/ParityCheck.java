package org.bncnn.compare;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bncnn.compare.Comparison.LayerParity;
import org.bncnn.compare.Comparison.Quantity;
import org.bncnn.compare.Comparison.RunningVariance;
import org.bncnn.norm.BatchNorm;
import org.bncnn.norm.LoneLayer;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.wrapper.BaseWrapperLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.params.BatchNormalizationParamInitializer;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Compares the custom layer with the built-in one. A network with built-in layers is trained. Whatever passes through
 * one of them is given to two custom layers: in float, and in double, which computes Algorithm 1 as the paper has it.
 */
final class ParityCheck extends BaseWrapperLayer implements AutoCloseable {
    private static final long serialVersionUID = 1L;

    private static final String GAMMA = BatchNormalizationParamInitializer.GAMMA;
    private static final String BETA = BatchNormalizationParamInitializer.BETA;
    private static final String MEAN = BatchNormalizationParamInitializer.GLOBAL_MEAN;
    private static final String VARIANCE = BatchNormalizationParamInitializer.GLOBAL_VAR;

    private final transient BatchNormalization builtin;
    private final transient LoneLayer custom;
    private final transient LoneLayer exact;
    private final transient Map<String, Distances> distances = new LinkedHashMap<>();
    private transient INDArray x;
    private transient INDArray y;

    /** One quantity, as the three layers have it. */
    private record Distances(Distance fromBuiltin, Distance builtinError, Distance customError) {
        Distances() {
            this(new Distance(), new Distance(), new Distance());
        }
    }

    /** How far numbers are from those expected, added up over arrays, in double. */
    static final class Distance {
        private double maxAbsolute;
        private double squaredDistance;
        private double squaredNorm;

        /** Adds arrays of the same shape, in whatever order and type. */
        void add(INDArray actual, INDArray expected) {
            double[] a = actual.dup('c').data().asDouble();
            double[] e = expected.dup('c').data().asDouble();
            for (int i = 0; i < a.length; i++) {
                double difference = Math.abs(a[i] - e[i]);
                maxAbsolute = Math.max(maxAbsolute, difference); // NaN stays NaN
                squaredDistance += difference * difference;
                squaredNorm += e[i] * e[i];
            }
        }

        /** {@return the largest difference between two numbers} */
        double maxAbsolute() {
            return maxAbsolute;
        }

        /** {@return the L2 norm of the differences, relative to that of the numbers expected} */
        double relative() {
            return Math.sqrt(squaredDistance / squaredNorm);
        }
    }

    private ParityCheck(Layer layer, BatchNormalization builtin) {
        super(layer);
        this.builtin = builtin;
        custom = likeBuiltin(DataType.FLOAT);
        exact = likeBuiltin(DataType.DOUBLE);
    }

    private LoneLayer likeBuiltin(DataType type) {
        BatchNorm configuration = new BatchNorm.Builder()
                .nOut(builtin.getNOut())
                .decay(builtin.getDecay())
                .eps(builtin.getEps())
                .build();
        return new LoneLayer(configuration, type);
    }

    /**
     * {@return the parity of each BN layer of a network, in their order}
     *
     * @param network network with built-in layers that keep the variance as it is; it is trained
     * @param batches batches to train on
     * @param steps number of batches
     */
    static List<LayerParity> run(MultiLayerNetwork network, DataSetIterator batches, int steps) {
        Layer[] layers = network.getLayers();
        List<ParityCheck> checks = new ArrayList<>();
        for (int i = 0; i < layers.length; i++) {
            if (layers[i].conf().getLayer() instanceof BatchNormalization builtin) {
                ParityCheck check = new ParityCheck(layers[i], builtin);
                layers[i] = check;
                checks.add(check);
            }
        }
        network.setLayers(layers);
        for (int step = 0; step < steps; step++) {
            network.fit(batches.next());
        }
        List<LayerParity> parities =
                checks.stream().map(check -> check.result(steps)).toList();
        checks.forEach(ParityCheck::close);
        return parities;
    }

    @Override
    @SuppressWarnings("try") // what is opened is used by way of the thread
    public INDArray activate(INDArray input, boolean training, LayerWorkspaceMgr workspaceMgr) {
        INDArray output = super.activate(input, training, workspaceMgr);
        try (MemoryWorkspace none = Nd4j.getWorkspaceManager().scopeOutOfWorkspaces()) {
            x = input.dup();
            y = output.dup();
        }
        return output;
    }

    @Override
    @SuppressWarnings("try")
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaceMgr) {
        Pair<Gradient, INDArray> result = super.backpropGradient(epsilon, workspaceMgr);
        try (MemoryWorkspace none = Nd4j.getWorkspaceManager().scopeOutOfWorkspaces()) {
            compare(epsilon, result.getSecond(), result.getFirst().gradientForVariable());
        }
        return result;
    }

    private void compare(INDArray dy, INDArray dx, Map<String, INDArray> gradients) {
        for (LoneLayer layer : List.of(custom, exact)) {
            layer.param(GAMMA).assign(getParam(GAMMA));
            layer.param(BETA).assign(getParam(BETA));
        }
        exact.inWorkspace(() -> {
            INDArray exactY = exact.forward(x.castTo(DataType.DOUBLE));
            INDArray exactDx = exact.backward(dy.castTo(DataType.DOUBLE));
            return custom.inWorkspace(() -> {
                add("output", y, custom.forward(x), exactY);
                add("input gradient", dx, custom.backward(dy), exactDx);
                return null;
            });
        });
        for (String name : List.of(GAMMA, BETA)) {
            add(name + " gradient", gradients.get(name), custom.gradient(name), exact.gradient(name));
        }
        custom.moveRunningStatistics();
        exact.moveRunningStatistics();
    }

    private void add(String name, INDArray fromBuiltin, INDArray fromCustom, INDArray exactly) {
        Distances quantity = distances.computeIfAbsent(name, n -> new Distances());
        quantity.fromBuiltin.add(fromCustom, fromBuiltin);
        quantity.builtinError.add(fromBuiltin, exactly);
        quantity.customError.add(fromCustom, exactly);
    }

    private LayerParity result(int steps) {
        INDArray variance = getParam(VARIANCE);
        Distance meant = new Distance();
        meant.add(custom.param(VARIANCE), variance);
        add("running mean", getParam(MEAN), custom.param(MEAN), exact.param(MEAN));
        long valuesPerChannel = x.length() / builtin.getNOut();
        double factor = valuesPerChannel / (valuesPerChannel - 1.0);
        double initialShare = Math.pow(builtin.getDecay(), steps);
        INDArray unbiased = variance.sub(initialShare).muli(factor).addi(initialShare);
        add("running variance, if both are unbiased", unbiased, custom.param(VARIANCE), exact.param(VARIANCE));
        List<Quantity> quantities = new ArrayList<>();
        distances.forEach((name, quantity) -> quantities.add(new Quantity(
                name,
                quantity.fromBuiltin.maxAbsolute(),
                quantity.fromBuiltin.relative(),
                quantity.builtinError.relative(),
                quantity.customError.relative())));
        return new LayerParity(
                builtin.getLayerName(),
                Arrays.stream(x.shape()).boxed().toList(),
                List.copyOf(quantities),
                new RunningVariance(valuesPerChannel, factor, meant.relative()));
    }

    @Override
    public void close() {
        custom.close();
        exact.close();
    }
}
