package org.bncnn.train;

import java.util.List;
import org.bncnn.eval.EvaluationResult;

/**
 * How a training went.
 *
 * @param completed false if it was stopped before it was over
 * @param epochs the epochs that were trained whole
 * @param test how the network did at the end on the test images; with validation images, on these
 */
public record TrainingResult(boolean completed, List<EpochResult> epochs, EvaluationResult test) {
    public TrainingResult {
        epochs = List.copyOf(epochs);
    }
}
