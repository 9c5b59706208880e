package org.bncnn.compare;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bncnn.compare.LayerParity.Quantity;
import org.bncnn.compare.LayerParity.RunningVariance;
import org.bncnn.norm.BatchNorm;
import org.bncnn.norm.LoneLayer;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.params.BatchNormalizationParamInitializer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;

/**
 * Holds the custom layer to the built-in one: a network with built-in layers is trained, and what went through each of them is given to a
 * custom layer, in float, and to another one in double, which computes Algorithm 1 as the paper writes it.
 */
final class ParityCheck {
    private static final String GAMMA = BatchNormalizationParamInitializer.GAMMA;
    private static final String BETA = BatchNormalizationParamInitializer.BETA;
    private static final String MEAN = BatchNormalizationParamInitializer.GLOBAL_MEAN;
    private static final String VARIANCE = BatchNormalizationParamInitializer.GLOBAL_VAR;

    private ParityCheck() {}

    /**
     * {@return the parity of each BN layer of a network, in their order}
     *
     * @param network with built-in layers that keep the variance as it is; it is trained
     * @param batches to train on
     * @param steps how many batches
     */
    static List<LayerParity> run(MultiLayerNetwork network, DataSetIterator batches, int steps) {
        Layer[] layers = network.getLayers();
        List<RecordingLayer> recording = new ArrayList<>();
        List<Place> places = new ArrayList<>();
        for (int i = 0; i < layers.length; i++) {
            if (layers[i].conf().getLayer() instanceof BatchNormalization builtin) {
                layers[i] = new RecordingLayer(layers[i]);
                recording.add((RecordingLayer) layers[i]);
                places.add(new Place(builtin));
            }
        }
        network.setLayers(layers);
        for (int step = 0; step < steps; step++) {
            network.fit(batches.next());
            for (int i = 0; i < places.size(); i++) {
                places.get(i).compare(recording.get(i).step());
            }
        }
        List<LayerParity> parities = new ArrayList<>();
        for (int i = 0; i < places.size(); i++) {
            try (Place place = places.get(i)) {
                parities.add(place.result(recording.get(i).paramTable(), steps));
            }
        }
        return parities;
    }

    /** One BN layer of the network. */
    private static final class Place implements AutoCloseable {
        private final BatchNormalization builtin;
        private final LoneLayer custom;
        private final LoneLayer exact;
        private final Map<String, Distances> distances = new LinkedHashMap<>();
        private long[] shape;
        private long valuesPerChannel;

        /** One quantity, as the three have it. */
        private record Distances(Distance fromBuiltin, Distance builtinError, Distance customError) {}

        Place(BatchNormalization builtin) {
            this.builtin = builtin;
            custom = new LoneLayer(likeBuiltin(), DataType.FLOAT);
            exact = new LoneLayer(likeBuiltin(), DataType.DOUBLE);
        }

        private BatchNorm likeBuiltin() {
            return new BatchNorm.Builder()
                    .nOut(builtin.getNOut())
                    .decay(builtin.getDecay())
                    .eps(builtin.getEps())
                    .build();
        }

        void compare(RecordingLayer.Step step) {
            shape = step.x().shape();
            valuesPerChannel = step.x().length() / builtin.getNOut();
            for (LoneLayer layer : List.of(custom, exact)) {
                layer.param(GAMMA).assign(step.params().get(GAMMA));
                layer.param(BETA).assign(step.params().get(BETA));
            }
            INDArray exactX = step.x().castTo(DataType.DOUBLE);
            INDArray exactDy = step.dy().castTo(DataType.DOUBLE);
            exact.inWorkspace(() -> {
                INDArray exactY = exact.forward(exactX);
                INDArray exactDx = exact.backward(exactDy);
                return custom.inWorkspace(() -> {
                    add("output", step.y(), custom.forward(step.x()), exactY);
                    add("input gradient", step.dx(), custom.backward(step.dy()), exactDx);
                    return null;
                });
            });
            for (String name : List.of(GAMMA, BETA)) {
                add(name + " gradient", step.gradients().get(name), custom.gradient(name), exact.gradient(name));
            }
            custom.moveRunningStatistics();
            exact.moveRunningStatistics();
        }

        private void add(String name, INDArray fromBuiltin, INDArray fromCustom, INDArray exactly) {
            Distances held =
                    distances.computeIfAbsent(name, n -> new Distances(new Distance(), new Distance(), new Distance()));
            held.fromBuiltin.add(fromCustom, fromBuiltin);
            held.builtinError.add(fromBuiltin, exactly);
            held.customError.add(fromCustom, exactly);
        }

        LayerParity result(Map<String, INDArray> builtinParams, int steps) {
            Distance meant = new Distance();
            meant.add(custom.param(VARIANCE), builtinParams.get(VARIANCE));
            add("running mean", builtinParams.get(MEAN), custom.param(MEAN), exact.param(MEAN));
            double factor = valuesPerChannel / (valuesPerChannel - 1.0);
            double initialShare = Math.pow(builtin.getDecay(), steps);
            INDArray unbiased =
                    builtinParams.get(VARIANCE).sub(initialShare).muli(factor).addi(initialShare);
            add("running variance, if both are unbiased", unbiased, custom.param(VARIANCE), exact.param(VARIANCE));
            List<Quantity> quantities = distances.entrySet().stream()
                    .map(entry -> new Quantity(
                            entry.getKey(),
                            entry.getValue().fromBuiltin.maxAbsolute(),
                            entry.getValue().fromBuiltin.relative(),
                            entry.getValue().builtinError.relative(),
                            entry.getValue().customError.relative()))
                    .toList();
            return new LayerParity(
                    builtin.getLayerName(),
                    Arrays.stream(shape).boxed().toList(),
                    quantities,
                    new RunningVariance(valuesPerChannel, factor, meant.relative()));
        }

        @Override
        public void close() {
            custom.close();
            exact.close();
        }
    }
}
