package org.bncnn.export.onnx;

import java.util.List;
import org.bncnn.store.ModelDescription;

/**
 * What a graph takes.
 *
 * @param withNormalizer whether the model's normalizer becomes part of the graph, which then takes pixels as they are, 0 to 255 in uint8;
 *     otherwise it takes floats that are normalized already
 * @param inputShape channels, height and width of an image, or the length of a vector, each 1 to {@value ModelDescription#LARGEST_SIZE}; null to take what the model tells
 */
public record OnnxOptions(boolean withNormalizer, List<Integer> inputShape) {
    /** Floats that are normalized already, in the shape that the model tells. */
    public static final OnnxOptions DEFAULT = new OnnxOptions(false, null);

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
}
