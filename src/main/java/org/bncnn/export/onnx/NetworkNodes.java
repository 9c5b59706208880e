package org.bncnn.export.onnx;

import static org.bncnn.export.onnx.Graph.integer;

import java.util.Arrays;
import java.util.List;
import onnx.Onnx.GraphProto;
import org.bncnn.engine.LayerName;
import org.bncnn.engine.Preprocessing;
import org.bncnn.export.NotExportableException;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationSigmoid;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;
import org.nd4j.linalg.api.buffer.DataType;

/** Walks through a network, its preprocessors and its layers, and has nodes added for each. */
final class NetworkNodes {
    private final MultiLayerNetwork network;
    private final Graph graph;

    private NetworkNodes(MultiLayerNetwork network, Graph graph) {
        this.network = network;
        this.graph = graph;
    }

    /**
     * {@return a graph that does what a network does}
     *
     * @param graph whose last node gives what the network takes
     */
    static GraphProto of(MultiLayerNetwork network, Graph graph) throws NotExportableException {
        DataType type = network.getLayerWiseConfigurations().getDataType();
        if (type != DataType.FLOAT) {
            throw new NotExportableException("its data type is " + type + "; convert it to FLOAT");
        }
        return new NetworkNodes(network, graph).graph();
    }

    private GraphProto graph() throws NotExportableException {
        IActivation last = null;
        for (int index = 0; index < network.getnLayers(); index++) {
            last = add(index);
        }
        return graph.finish(last instanceof ActivationSoftmax || last instanceof ActivationSigmoid);
    }

    /** Adds a layer's nodes, and returns the activation that they end with. */
    private IActivation add(int index) throws NotExportableException {
        Layer layer = network.getLayer(index);
        String given = layer.conf().getLayer().getLayerName();
        String name = given == null || given.isBlank()
                ? layer.conf().getLayer().getClass().getSimpleName() + index
                : given;
        try {
            addPreprocessor(network.getLayerWiseConfigurations().getInputPreProcess(index), name);
            return new LayerNodes(graph, name, layer).add();
        } catch (NotExportableException | IllegalArgumentException e) { // of shapes
            throw new NotExportableException(LayerName.of(layer) + ": " + e.getMessage(), e);
        }
    }

    private void addPreprocessor(InputPreProcessor preprocessor, String name) {
        long[] shape = Preprocessing.shape(preprocessor, graph.shape());
        if (Arrays.equals(shape, graph.shape())) {
            return;
        }
        if (shape.length == 2) {
            graph.add(name + ".flatten", "Flatten", integer("axis", 1));
        } else {
            String sizes = graph.longs(name + ".shape", -1, shape[1], shape[2], shape[3]);
            graph.add(name + ".reshape", "Reshape", List.of(sizes));
        }
        graph.becomes(shape);
    }
}
