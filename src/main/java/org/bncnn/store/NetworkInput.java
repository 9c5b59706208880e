package org.bncnn.store;

import java.util.List;
import java.util.Optional;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What a configuration says of the images that its network takes. */
final class NetworkInput {
    private NetworkInput() {}

    /**
     * {@return channels, height and width}, where a preprocessor makes images of vectors before the first layer, as with
     * {@code InputType.convolutionalFlat}; empty otherwise: a convolution takes images of many sizes
     */
    static Optional<List<Integer>> imageShape(MultiLayerConfiguration configuration) {
        return configuration.getInputPreProcess(0) instanceof FeedForwardToCnnPreProcessor toImages
                ? Optional.of(List.of(
                        Math.toIntExact(toImages.getNumChannels()),
                        Math.toIntExact(toImages.getInputHeight()),
                        Math.toIntExact(toImages.getInputWidth())))
                : Optional.empty();
    }

    /**
     * {@return images as vectors, {@code [N, C·H·W]}, if the network takes such}: if DL4J would put a preprocessor that flattens images
     * before its first layer, but none is there
     *
     * @param images {@code [N, C, H, W]}
     * @throws IllegalArgumentException if the vectors have another length than the network takes
     */
    static INDArray flattened(MultiLayerConfiguration configuration, INDArray images) {
        Layer first = configuration.getConf(0).getLayer();
        if (configuration.getInputPreProcess(0) != null || !takesVectors(first, images)) {
            return images;
        }
        long values = images.length() / images.size(0);
        if (first instanceof FeedForwardLayer layer && layer.getNIn() != values) {
            throw new IllegalArgumentException("images of " + images.size(1) + "×" + images.size(2) + "×"
                    + images.size(3) + " have " + values + " values, the network takes " + layer.getNIn());
        }
        return images.reshape(images.size(0), values);
    }

    private static boolean takesVectors(Layer first, INDArray images) {
        InputPreProcessor usual = first.getPreProcessorForInputType(
                InputType.convolutional(images.size(2), images.size(3), images.size(1)));
        return usual instanceof CnnToFeedForwardPreProcessor;
    }
}
