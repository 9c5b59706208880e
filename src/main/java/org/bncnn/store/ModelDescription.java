package org.bncnn.store;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/**
 * What a model file tells beside the network. What is JSON here is shown and handed on, not understood.
 *
 * @param classNames what the network's outputs stand for, in their order
 * @param inputShape channels, height and width of the images it takes
 * @param preparation how they are made of image files; null if that is not known
 * @param provenance what it was trained of; null if that is not known
 * @param evaluation how it did on the test images; null if that was not measured
 * @param training where its training stands; null if it is over
 */
public record ModelDescription(
        List<String> classNames,
        List<Integer> inputShape,
        JsonNode preparation,
        JsonNode provenance,
        JsonNode evaluation,
        JsonNode training) {
    /** The most channels, and the greatest height and width, that an image has. */
    public static final int LARGEST_SIZE = 1 << 16;

    public ModelDescription {
        classNames = List.copyOf(classNames);
        inputShape = List.copyOf(inputShape);
        preparation = orNull(preparation);
        provenance = orNull(provenance);
        evaluation = orNull(evaluation);
        training = orNull(training);
        if (inputShape.size() != 3 || inputShape.stream().anyMatch(size -> size < 1 || size > LARGEST_SIZE)) {
            throw new IllegalArgumentException("an image has channels, height and width, not " + inputShape);
        }
    }

    /** JSON has a null of its own. */
    private static JsonNode orNull(JsonNode node) {
        return node == null || node.isNull() ? null : node;
    }
}
