package org.bncnn.store;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Objects;

/**
 * What a model file says besides the network. What is JSON here is shown and passed on, not understood.
 *
 * @param classNames the names of the network's outputs, in their order
 * @param inputShape channels, height and width of the images it takes
 * @param preparation how image files become such images; null if that is not known
 * @param provenance what it was trained on, and how; null if that is not known
 * @param evaluation its results on the test images; null if it was not measured
 * @param training the state of its training; null if that is complete
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

    /**
     * Checks the components.
     *
     * @throws IllegalArgumentException if an image of that shape has no pixels or too many
     */
    public ModelDescription {
        classNames = List.copyOf(Objects.requireNonNull(classNames, "classNames"));
        inputShape = List.copyOf(Objects.requireNonNull(inputShape, "inputShape"));
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
