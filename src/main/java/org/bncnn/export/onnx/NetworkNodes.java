package org.bncnn.export.onnx;

import static org.bncnn.export.onnx.Graph.integer;

import java.util.Arrays;
import java.util.List;
import onnx.Onnx.GraphProto;
import org.bncnn.export.NotExportableException;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;
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
        String type = layer.conf().getLayer().getClass().getSimpleName();
        String name = given == null || given.isBlank() ? type + index : given;
        try {
            InputPreProcessor preprocessor =
                    network.getLayerWiseConfigurations().getInputPreProcess(index);
            if (preprocessor != null) {
                addPreprocessor(preprocessor, name);
            }
            return new LayerNodes(graph, name, layer).add();
        } catch (NotExportableException e) {
            throw new NotExportableException("layer " + index + " (" + name + ", " + type + "): " + e.getMessage(), e);
        }
    }

    /** Preprocessors let through what has the right rank already. */
    private void addPreprocessor(InputPreProcessor preprocessor, String name) throws NotExportableException {
        if (preprocessor.getClass() == CnnToFeedForwardPreProcessor.class) {
            if (graph.isImage()) {
                addFlatten((CnnToFeedForwardPreProcessor) preprocessor, name);
            }
        } else if (preprocessor.getClass() == FeedForwardToCnnPreProcessor.class) {
            if (!graph.isImage()) {
                addReshape((FeedForwardToCnnPreProcessor) preprocessor, name);
            }
        } else {
            throw new NotExportableException(
                    "its input passes a " + preprocessor.getClass().getSimpleName() + ", which is not exported");
        }
    }

    private void addFlatten(CnnToFeedForwardPreProcessor flattening, String name) throws NotExportableException {
        LayerNodes.requireChannelsFirst(flattening.getFormat());
        long[] image = {1, flattening.getNumChannels(), flattening.getInputHeight(), flattening.getInputWidth()};
        long[] shape = graph.shape();
        boolean takesAny = Arrays.equals(image, new long[] {1, 0, 0, 0});
        if (!takesAny && !Arrays.equals(image, shape)) {
            throw new NotExportableException("its input is images of " + sizes(shape) + " instead of " + sizes(image));
        }
        graph.add(name + ".flatten", "Flatten", integer("axis", 1));
        graph.becomes(1, shape[1] * shape[2] * shape[3]);
    }

    private void addReshape(FeedForwardToCnnPreProcessor toImages, String name) throws NotExportableException {
        long[] image = {1, toImages.getNumChannels(), toImages.getInputHeight(), toImages.getInputWidth()};
        long units = graph.shape()[1];
        if (units != image[1] * image[2] * image[3]) {
            throw new NotExportableException(
                    "its input is vectors of " + units + " instead of images of " + sizes(image));
        }
        String shape = graph.longs(name + ".shape", -1, image[1], image[2], image[3]);
        graph.add(name + ".reshape", "Reshape", List.of(shape));
        graph.becomes(image);
    }

    private static String sizes(long... shape) {
        return shape[1] + "×" + shape[2] + "×" + shape[3];
    }
}
