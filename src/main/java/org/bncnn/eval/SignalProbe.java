package org.bncnn.eval;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.bncnn.norm.Normalization;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.reduce.longer.MatchCondition;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.conditions.Conditions;

/** Looks at what passes through a network's layers in training; nothing is learnt from it. */
public final class SignalProbe {
    private static final double FLAT_SLOPE = 0.01;

    private static final int BINS = 50;

    private SignalProbe() {}

    /**
     * {@return the layers with weights, from the first to the last}
     *
     * @param activation of the hidden layers: sigmoid or ReLU
     */
    public static List<LayerSignal> layers(MultiLayerNetwork network, DataSet batch, IActivation activation) {
        network.setInput(batch.getFeatures());
        network.setLabels(batch.getLabels());
        network.computeGradientAndScore();
        var gradients = network.gradient().gradientForVariable();
        List<INDArray> outputs = network.feedForward(batch.getFeatures(), true); // the first is the input
        List<LayerSignal> signals = new ArrayList<>();
        for (int layer = 0; layer < network.getnLayers(); layer++) {
            INDArray gradient = gradients.get(layer + "_" + DefaultParamInitializer.WEIGHT_KEY);
            if (gradient != null) {
                INDArray output = outputs.get(next(network, layer));
                boolean hidden = layer < network.getnLayers() - 1;
                signals.add(new LayerSignal(
                        name(network, layer),
                        gradient.norm2Number().doubleValue() / batch.numExamples(),
                        output.meanNumber().doubleValue(),
                        output.std(false).getDouble(0),
                        hidden ? flat(output, activation) : 0));
            }
        }
        return signals;
    }

    /**
     * {@return how far apart images are in what each layer with weights passes on to the next: the standard deviation
     * of an activation over the images of the batch, mean of all activations} Where it is 0 for a float, the layers
     * behind see one image.
     */
    public static List<Double> spreadsBetweenImages(MultiLayerNetwork network, DataSet batch) {
        List<INDArray> outputs = network.feedForward(batch.getFeatures(), true); // the first is the input
        return IntStream.range(0, network.getnLayers())
                .filter(layer -> hasWeights(network, layer))
                .mapToObj(layer -> outputs.get(next(network, layer))
                        .castTo(DataType.DOUBLE)
                        .std(false, 0)
                        .meanNumber()
                        .doubleValue())
                .toList();
    }

    /** {@return the batch normalization layers, DL4J's and ours, from the first to the last} */
    public static List<NormSignal> norms(MultiLayerNetwork network, DataSet batch) {
        List<INDArray> outputs = network.feedForward(batch.getFeatures(), true); // the first is the input
        List<NormSignal> signals = new ArrayList<>();
        for (int layer = 0; layer < network.getnLayers(); layer++) {
            if (Normalization.is(network.getLayer(layer).conf().getLayer())) {
                signals.add(norm(network.getLayer(layer), outputs.get(layer), outputs.get(layer + 1)));
            }
        }
        return signals;
    }

    private static NormSignal norm(Layer layer, INDArray input, INDArray output) {
        var values = Normalization.of(layer.conf().getLayer()).values(layer.paramTable());
        double[] before = input.dup().data().asDouble();
        double[] after = output.dup().data().asDouble();
        double min = both(before, after).min().orElse(0);
        double max = both(before, after).max().orElse(0);
        return new NormSignal(
                layer.conf().getLayer().getLayerName(),
                Spread.of(values.gamma()),
                Spread.of(values.beta()),
                Spread.of(values.mean()),
                Spread.of(values.variance()),
                Histogram.of(before, min, max, BINS),
                Histogram.of(after, min, max, BINS));
    }

    private static DoubleStream both(double[] one, double[] other) {
        return DoubleStream.concat(Arrays.stream(one), Arrays.stream(other));
    }

    private static String name(MultiLayerNetwork network, int layer) {
        return network.getLayer(layer).conf().getLayer().getLayerName();
    }

    /**
     * {@return the next layer with weights}, or the number of layers if there is none; the output before it is at that
     * index
     */
    private static int next(MultiLayerNetwork network, int layer) {
        int next = layer + 1;
        while (next < network.getnLayers() && !hasWeights(network, next)) {
            next++;
        }
        return next;
    }

    private static boolean hasWeights(MultiLayerNetwork network, int layer) {
        return network.getLayer(layer).paramTable().containsKey(DefaultParamInitializer.WEIGHT_KEY);
    }

    /**
     * {@return the share of outputs at which the activation function is flat} Its slope is told from the output alone.
     */
    private static double flat(INDArray output, IActivation activation) {
        INDArray slope = switch (activation.toString()) {
            case "sigmoid" -> output.mul(output.rsub(1));
            case "relu" -> output;
            default -> throw new IllegalArgumentException("no slope is known of " + activation);
        };
        return Nd4j.getExecutioner()
                        .exec(new MatchCondition(slope, Conditions.lessThan(FLAT_SLOPE)))
                        .getDouble(0)
                / slope.length();
    }
}
