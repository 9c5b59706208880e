package org.bncnn.eval;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.bncnn.norm.Normalization;
import org.bncnn.norm.Normalization.Values;
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

/**
 * Statistics of what passes through a network's layers when it sees a batch in training mode; the network does not
 * learn.
 */
public final class SignalProbe {
    private static final double FLAT_SLOPE = 0.01;

    private static final int BINS = 50;

    private final MultiLayerNetwork network;
    private final DataSet batch;
    private final List<INDArray> outputs; // the first is the input

    /**
     * Passes a batch through a network.
     *
     * @param network any network
     * @param batch features and labels
     */
    public SignalProbe(MultiLayerNetwork network, DataSet batch) {
        this.network = network;
        this.batch = batch;
        this.outputs = network.feedForward(batch.getFeatures(), true);
    }

    /**
     * {@return the layers with weights, from the first to the last}
     *
     * @param activation activation function of the hidden layers: sigmoid or ReLU
     */
    public List<LayerSignal> layers(IActivation activation) {
        network.setInput(batch.getFeatures());
        network.setLabels(batch.getLabels());
        network.computeGradientAndScore();
        var gradients = network.gradient().gradientForVariable();
        List<LayerSignal> signals = new ArrayList<>();
        for (int layer = 0; layer < network.getnLayers(); layer++) {
            INDArray gradient = gradients.get(layer + "_" + DefaultParamInitializer.WEIGHT_KEY);
            if (gradient != null) {
                INDArray output = outputs.get(next(layer));
                boolean hidden = layer < network.getnLayers() - 1;
                signals.add(new LayerSignal(
                        name(layer),
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
     * of an activation over the images of the batch, mean of all activations} Where it is 0 in float, the layers behind
     * see one image.
     */
    public List<Double> spreadsBetweenImages() {
        return IntStream.range(0, network.getnLayers())
                .filter(this::hasWeights)
                .mapToObj(layer -> outputs.get(next(layer))
                        .castTo(DataType.DOUBLE)
                        .std(false, 0)
                        .meanNumber()
                        .doubleValue())
                .toList();
    }

    /** {@return the batch normalization layers, DL4J's and ours, from the first to the last} */
    public List<NormSignal> norms() {
        List<NormSignal> signals = new ArrayList<>();
        for (int layer = 0; layer < network.getnLayers(); layer++) {
            if (Normalization.is(network.getLayer(layer).conf().getLayer())) {
                signals.add(norm(network.getLayer(layer), outputs.get(layer), outputs.get(layer + 1)));
            }
        }
        return signals;
    }

    private static NormSignal norm(Layer layer, INDArray input, INDArray output) {
        var conf = layer.conf().getLayer();
        Values values = Normalization.of(conf).values(layer.paramTable());
        double[] before = input.dup().data().asDouble();
        double[] after = output.dup().data().asDouble();
        var all =
                DoubleStream.concat(Arrays.stream(before), Arrays.stream(after)).summaryStatistics();
        return new NormSignal(
                conf.getLayerName(),
                Spread.of(values.gamma()),
                Spread.of(values.beta()),
                Spread.of(values.mean()),
                Spread.of(values.variance()),
                Histogram.of(before, all.getMin(), all.getMax(), BINS),
                Histogram.of(after, all.getMin(), all.getMax(), BINS));
    }

    private String name(int layer) {
        return network.getLayer(layer).conf().getLayer().getLayerName();
    }

    /**
     * {@return the next layer with weights}, or the number of layers if there is none; the output before it is at that
     * index
     */
    private int next(int layer) {
        int next = layer + 1;
        while (next < network.getnLayers() && !hasWeights(next)) {
            next++;
        }
        return next;
    }

    private boolean hasWeights(int layer) {
        return network.getLayer(layer).paramTable().containsKey(DefaultParamInitializer.WEIGHT_KEY);
    }

    /**
     * {@return the share of outputs at which the activation function is flat} Its slope follows from the output alone.
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
