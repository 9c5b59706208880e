package org.bncnn.train;

import java.util.List;
import java.util.Objects;
import org.nd4j.linalg.api.rng.Random;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Where a training stands, beside the network itself: with both, it goes on as if it had never stopped.
 *
 * <p>The order of an epoch's images is drawn from seed and epoch alone, so that it need not be kept.
 *
 * @param epochs those that are over
 * @param batches trained of the epoch after them
 * @param lossSum of these batches
 * @param reportedLossSum of those since the last loss report
 * @param seconds spent training these batches
 * @param randomRoot of ND4J's random generator
 * @param randomNode of ND4J's random generator
 */
record TrainingState(
        List<EpochResult> epochs,
        int batches,
        double lossSum,
        double reportedLossSum,
        double seconds,
        long randomRoot,
        long randomNode) {
    public TrainingState {
        epochs = List.copyOf(Objects.requireNonNull(epochs, "epochs"));
        for (int i = 0; i < epochs.size(); i++) {
            if (epochs.get(i).epoch() != i + 1) {
                throw new IllegalArgumentException(
                        "epoch " + (i + 1) + " is called " + epochs.get(i).epoch());
            }
        }
        if (batches < 0 || !(seconds >= 0)) {
            throw new IllegalArgumentException(
                    "batches and seconds must be at least 0, not " + batches + " and " + seconds);
        }
        if (!Double.isFinite(lossSum) || !Double.isFinite(reportedLossSum)) {
            throw new IllegalArgumentException(
                    "sums of losses must be finite, not " + lossSum + " and " + reportedLossSum);
        }
    }

    /** {@return the beginning, with ND4J's random generator as it is} */
    static TrainingState start() {
        return atEpochEnd(List.of());
    }

    static TrainingState atEpochEnd(List<EpochResult> epochs) {
        return of(epochs, 0, 0, 0, 0);
    }

    static TrainingState of(
            List<EpochResult> epochs, int batches, double lossSum, double reportedLossSum, double seconds) {
        Random random = Nd4j.getRandom();
        return new TrainingState(
                epochs, batches, lossSum, reportedLossSum, seconds, random.rootState(), random.nodeState());
    }

    boolean isBeginning() {
        return epochs.isEmpty() && batches == 0;
    }

    /** Sets ND4J's random generator to where it was. */
    void restoreRandom() {
        Nd4j.getRandom().setStates(randomRoot, randomNode);
    }
}
