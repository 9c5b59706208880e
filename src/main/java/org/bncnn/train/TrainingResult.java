package org.bncnn.train;

import java.util.List;
import org.bncnn.eval.EvaluationResult;

/**
 * How a training went.
 *
 * @param completed false if it was stopped before its last epoch was over
 * @param epochs the epochs that were trained whole
 * @param test how the network did on the test images at the end
 */
public record TrainingResult(boolean completed, List<EpochResult> epochs, EvaluationResult test) {
    public TrainingResult {
        epochs = List.copyOf(epochs);
    }
}
