package org.bncnn.train;

import java.util.List;
import org.deeplearning4j.earlystopping.termination.ScoreImprovementEpochTerminationCondition;

/** Tells when more training is not worth it, by DL4J's own condition. Prechelt (1998), "Early Stopping - But When?". */
final class EarlyStopping {
    private EarlyStopping() {}

    /**
     * {@return whether the accuracy has not improved for so many epochs}
     *
     * @param patience 0 for never
     */
    static boolean isDue(List<EpochResult> epochs, int patience) {
        if (patience == 0) {
            return false;
        }
        var condition = new ScoreImprovementEpochTerminationCondition(patience);
        condition.initialize();
        boolean due = false;
        for (EpochResult epoch : epochs) {
            due |= condition.terminate(epoch.epoch(), epoch.measured().accuracy(), false);
        }
        return due;
    }
}
