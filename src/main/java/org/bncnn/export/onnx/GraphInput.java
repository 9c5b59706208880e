package org.bncnn.export.onnx;

import java.util.List;
import java.util.stream.LongStream;
import org.bncnn.export.NotExportableException;
import org.bncnn.store.ModelDescription;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/**
 * What goes into a graph.
 *
 * @param sizes channels, height and width of an image, or the length of a vector
 */
record GraphInput(List<Integer> sizes) {
    /**
     * {@return a network's input}
     *
     * @param description what a model's file tells of it; null if nothing
     */
    static GraphInput of(MultiLayerNetwork network, ModelDescription description, OnnxOptions options)
            throws NotExportableException {
        if (options.inputShape() != null) {
            return new GraphInput(options.inputShape());
        }
        if (description != null) {
            return new GraphInput(description.inputShape());
        }
        if (network.getLayerWiseConfigurations().getInputPreProcess(0)
                instanceof FeedForwardToCnnPreProcessor toImages) {
            return vector(toImages.getNumChannels() * toImages.getInputHeight() * toImages.getInputWidth());
        }
        Layer first = network.getLayer(0).conf().getLayer();
        if (first instanceof DenseLayer || first instanceof OutputLayer) {
            return vector(((FeedForwardLayer) first).getNIn());
        }
        throw new NotExportableException(
                "the shape of its input is not known; tell it (--input-shape), such as 1,28,28 for channels, height and width");
    }

    private static GraphInput vector(long units) {
        return new GraphInput(List.of(Math.toIntExact(units)));
    }

    String name() {
        return sizes.size() == 1 ? "input" : "images";
    }

    /** {@return the shape of a batch of one} */
    long[] shape() {
        return LongStream.concat(LongStream.of(1), sizes.stream().mapToLong(Integer::longValue))
                .toArray();
    }
}
