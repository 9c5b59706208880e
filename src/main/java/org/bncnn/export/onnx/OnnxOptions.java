package org.bncnn.export.onnx;

import java.util.List;
import java.util.stream.LongStream;
import org.bncnn.export.NotExportableException;
import org.bncnn.store.ModelDescription;
import org.bncnn.store.ModelFile;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/**
 * The input of a graph.
 *
 * @param withNormalizer whether the model's normalizer becomes part of the graph, which then takes pixels, 0 to 255 in
 *     uint8; otherwise it takes normalized floats
 * @param inputShape channels, height and width of an image, or the length of a vector, each 1 to
 *     {@value ModelDescription#LARGEST_SIZE}; null for the model's own
 */
public record OnnxOptions(boolean withNormalizer, List<Integer> inputShape) {
    /** Normalized floats, in the model's own shape. */
    public static final OnnxOptions DEFAULT = new OnnxOptions(false, null);

    /**
     * Checks the components.
     *
     * @throws IllegalArgumentException if the shape is neither an image's nor a vector's
     */
    public OnnxOptions {
        inputShape = inputShape == null ? null : List.copyOf(inputShape);
        if (inputShape != null
                && (inputShape.size() != 1 && inputShape.size() != 3
                        || inputShape.stream().anyMatch(size -> size < 1 || size > ModelDescription.LARGEST_SIZE))) {
            throw new IllegalArgumentException(
                    "input shape must be channels, height and width, or one length, each 1 to "
                            + ModelDescription.LARGEST_SIZE + ", not "
                            + inputShape);
        }
    }

    /**
     * {@return the shape of a batch of one}, {@code [1, C, H, W]} or {@code [1, units]}: the options' or else the
     * model's
     */
    long[] batchOfOne(ModelFile model) throws NotExportableException {
        if (inputShape != null) {
            return batchOfOne(inputShape);
        }
        if (model.description() != null) {
            return batchOfOne(model.description().inputShape());
        }
        MultiLayerNetwork network = model.network();
        if (network.getLayerWiseConfigurations().getInputPreProcess(0)
                instanceof FeedForwardToCnnPreProcessor toImages) {
            return new long[] {1, toImages.getNumChannels() * toImages.getInputHeight() * toImages.getInputWidth()};
        }
        Layer first = network.getLayer(0).conf().getLayer();
        if (first instanceof DenseLayer || first instanceof OutputLayer) {
            return new long[] {1, ((FeedForwardLayer) first).getNIn()};
        }
        throw new NotExportableException(
                "the shape of its input is not known; pass it (--input-shape), such as 1,28,28 for channels, height and"
                        + " width");
    }

    private static long[] batchOfOne(List<Integer> sizes) {
        return LongStream.concat(LongStream.of(1), sizes.stream().mapToLong(Integer::longValue))
                .toArray();
    }
}
