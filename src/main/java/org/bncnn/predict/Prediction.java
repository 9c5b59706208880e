package org.bncnn.predict;

import java.util.List;
import org.bncnn.eval.ClassProbability;

/**
 * The classes of an image, as a {@link Classifier} predicts them.
 *
 * @param classes all of them, the most probable first
 * @param changes what was done to the image before the network saw it, in words; empty if nothing was
 */
public record Prediction(List<ClassProbability> classes, List<String> changes) {
    /** {@return the most probable class} */
    public ClassProbability best() {
        return classes.get(0);
    }

    /**
     * {@return the most probable classes, the most probable first}
     *
     * @param most number of classes, or more than there are for all of them
     */
    public List<ClassProbability> top(int most) {
        return classes.subList(0, Math.min(most, classes.size()));
    }
}
