package org.bncnn.train;

import java.util.List;
import org.bncnn.eval.EvaluationResult;

/**
 * The result of a training.
 *
 * @param completed false if it was stopped before its end
 * @param epochs completed epochs
 * @param test measurement at the end on the test images; with validation images, on these
 */
public record TrainingResult(boolean completed, List<EpochResult> epochs, EvaluationResult test) {
    /** Copies the lists. */
    public TrainingResult {
        epochs = List.copyOf(epochs);
    }
}
