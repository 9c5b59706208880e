package org.bncnn.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.bncnn.array.Floats;
import org.bncnn.backend.Backend;
import org.bncnn.bench.Workload.Task;
import org.bncnn.engine.OneDnnNetwork;
import org.bncnn.model.Norm;
import org.bncnn.model.Recipe;
import org.bncnn.model.ReferenceCnn;
import org.bncnn.store.BuildInfo;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeConvolutional;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Deeplearning4j, in one of the ways it can run the network.
 *
 * @param id name used on the command line and in files
 * @param title name shown in tables
 * @param helpers whether DL4J's layers use its oneDNN helpers
 * @param engine makes the network that is timed from a plain one, with its weights
 */
record Dl4j(String id, String title, boolean helpers, UnaryOperator<MultiLayerNetwork> engine)
        implements Implementation {
    /** The id of Deeplearning4j without anything of ours, which the others are compared with. */
    static final String STOCK = "dl4j";

    /** All the ways, the slowest first. A new engine is added here. */
    static final List<Dl4j> ALL = List.of(
            new Dl4j(STOCK, "DL4J without helpers", false, UnaryOperator.identity()),
            new Dl4j("dl4j-helpers", "DL4J with oneDNN helpers", true, UnaryOperator.identity()),
            new Dl4j("onednn", "DL4J on the onednn engine", false, OneDnnNetwork::accelerate));

    @Override
    public boolean supports(Norm norm, Workload workload) {
        return true;
    }

    @Override
    public Network prepare(Norm norm, Map<String, Weight> weights, BatchFile batches) throws IOException {
        Workload workload = batches.workload();
        Backend.start();
        if (helpers && !Backend.usesOneDnn()) {
            throw new IOException("DL4J has no oneDNN helpers on this CPU");
        }
        MultiLayerNetwork plain = helpers ? plain(norm, workload) : Backend.withoutOneDnn(() -> plain(norm, workload));
        if ((plain.getLayer("conv1").getHelper() != null) != helpers) {
            throw new IllegalStateException("DL4J did not choose as it should whether to use its helpers");
        }
        weights.forEach((name, weight) -> assign(plain, name, weight));
        MultiLayerNetwork network = engine.apply(plain);
        if (network instanceof OneDnnNetwork accelerated) {
            // Fails where DL4J's own layers would run.
            accelerated.explain(workload.task() == Task.TRAIN, workload.shape());
        }
        return new Dl4jNetwork(network, batches);
    }

    private static MultiLayerNetwork plain(Norm norm, Workload workload) {
        InputType images = InputType.convolutional(workload.side(), workload.side(), workload.channels());
        return ReferenceCnn.initialise(ReferenceCnn.configuration(
                norm, (InputTypeConvolutional) images, workload.classes(), Recipe.REFERENCE, workload.width()));
    }

    /** Gives a parameter, named as in PyTorch, its value. */
    private static void assign(MultiLayerNetwork network, String name, Weight weight) {
        String[] layerAndKey = name.split("\\.");
        INDArray parameter = network.getLayer(layerAndKey[0]).getParam(key(layerAndKey[0], layerAndKey[1]));
        INDArray values = Nd4j.create(weight.values(), weight.shape(), 'c');
        boolean dense = weight.shape().length == 2; // [in, out] in DL4J
        parameter.assign(dense ? values.transpose() : values.reshape(parameter.shape()));
    }

    private static String key(String layer, String name) {
        boolean norm = layer.startsWith("bn");
        return switch (name) {
            case "weight" -> norm ? "gamma" : "W";
            case "bias" -> norm ? "beta" : "b";
            case "running_mean" -> "mean";
            case "running_var" -> "var";
            default -> throw new IllegalArgumentException("no such weight: " + layer + "." + name);
        };
    }

    /** A network of Deeplearning4j, whatever computes it. */
    private static final class Dl4jNetwork implements Network {
        private final MultiLayerNetwork network;
        private final Workload workload;
        private final String version = "Deeplearning4j " + BuildInfo.load().dl4j();
        private final List<DataSet> batches = new ArrayList<>();
        private final List<float[]> images = new ArrayList<>();

        Dl4jNetwork(MultiLayerNetwork network, BatchFile file) throws IOException {
            this.network = network;
            workload = file.workload();
            for (int batch = 0; batch < file.count(); batch++) {
                float[] values = file.images(batch);
                batches.add(new DataSet(batch(values), oneHot(file.labels(batch), workload.classes())));
                if (workload.task() == Task.LATENCY) {
                    images.add(values);
                }
            }
        }

        private INDArray batch(float[] values) {
            return Nd4j.create(values, workload.shape(), 'c');
        }

        private static INDArray oneHot(int[] labels, int classes) {
            INDArray array = Nd4j.zeros(DataType.FLOAT, labels.length, classes);
            for (int i = 0; i < labels.length; i++) {
                array.putScalar(i, labels[i], 1);
            }
            return array;
        }

        @Override
        public String version() {
            return version;
        }

        @Override
        public int threads() {
            return Backend.threads();
        }

        @Override
        public float[] call(int batch) {
            return switch (workload.task()) {
                case TRAIN -> {
                    network.fit(batches.get(batch));
                    yield new float[] {(float) network.score()};
                }
                case EVALUATE -> probabilities(batches.get(batch).getFeatures());
                case LATENCY ->
                    network instanceof OneDnnNetwork accelerated
                            ? accelerated.output(images.get(batch), workload.shape())
                            : probabilities(batch(images.get(batch)));
            };
        }

        private float[] probabilities(INDArray batch) {
            return Floats.copyOf(network.output(batch));
        }

        @Override
        public void close() {
            network.close();
        }
    }
}
