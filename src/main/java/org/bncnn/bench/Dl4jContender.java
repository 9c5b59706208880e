package org.bncnn.bench;

import java.io.IOException;
import java.util.List;
import java.util.function.UnaryOperator;
import org.bncnn.backend.Backend;
import org.bncnn.engine.OneDnnNetwork;
import org.bncnn.model.Norm;
import org.bncnn.model.Recipe;
import org.bncnn.model.ReferenceCnn;
import org.bncnn.store.BuildInfo;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeConvolutional;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Deeplearning4j, in one of the ways it can run the network. */
final class Dl4jContender implements Contender {
    /** The id of Deeplearning4j without anything of ours, which others are compared with. */
    static final String STOCK = "dl4j";

    private final String id;
    private final String title;
    private final boolean helpers;
    private final UnaryOperator<MultiLayerNetwork> engine;

    /**
     * @param helpers whether DL4J's layers use its oneDNN helpers
     * @param engine makes of a plain network, with its weights, the one that is timed
     */
    private Dl4jContender(String id, String title, boolean helpers, UnaryOperator<MultiLayerNetwork> engine) {
        this.id = id;
        this.title = title;
        this.helpers = helpers;
        this.engine = engine;
    }

    /** {@return all the ways, the slowest first}. A new engine is added here. */
    static List<Contender> all() {
        return List.of(
                new Dl4jContender(STOCK, "DL4J without helpers", false, UnaryOperator.identity()),
                new Dl4jContender("dl4j-helpers", "DL4J with oneDNN helpers", true, UnaryOperator.identity()),
                new Dl4jContender("onednn", "DL4J on the onednn engine", false, OneDnnNetwork::accelerate));
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public String title() {
        return title;
    }

    @Override
    public boolean supports(Norm norm, Workload workload) {
        return true;
    }

    @Override
    public Subject prepare(Norm norm, Workload workload, Weights weights, Batches batches) throws IOException {
        Backend.start();
        if (helpers && !Backend.usesOneDnn()) {
            throw new IOException("DL4J has no oneDNN helpers on this CPU");
        }
        MultiLayerNetwork plain =
                helpers ? network(norm, workload) : Backend.withoutOneDnn(() -> network(norm, workload));
        if ((plain.getLayer("conv1").getHelper() != null) != helpers) {
            throw new IllegalStateException("DL4J did not choose as it should whether to use its helpers");
        }
        weights.byName().forEach((name, tensor) -> assign(plain, name, tensor));
        String version = "Deeplearning4j " + BuildInfo.load().dl4j();
        MultiLayerNetwork network = engine.apply(plain);
        if (network instanceof OneDnnNetwork accelerated) {
            // Fails where DL4J's own layers would run.
            accelerated.explain(workload.task() == Task.TRAIN, workload.shape());
        }
        return new Dl4jSubject(version, network, workload, batches);
    }

    private static MultiLayerNetwork network(Norm norm, Workload workload) {
        MultiLayerConfiguration configuration = ReferenceCnn.configuration(
                norm,
                (InputTypeConvolutional) InputType.convolutional(workload.side(), workload.side(), workload.channels()),
                workload.classes(),
                Recipe.REFERENCE,
                workload.width());
        return ReferenceCnn.initialise(configuration);
    }

    /** Gives a parameter, named as {@link Weights} names it, its value. */
    private static void assign(MultiLayerNetwork network, String name, Tensor tensor) {
        String[] layerAndKey = name.split("\\.");
        INDArray parameter = network.getLayer(layerAndKey[0]).getParam(key(layerAndKey[0], layerAndKey[1]));
        INDArray values = Nd4j.create(tensor.values(), tensor.shape(), 'c');
        boolean dense = tensor.shape().length == 2; // [in, out] in DL4J
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
}
