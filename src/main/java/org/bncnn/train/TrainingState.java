package org.bncnn.train;

import java.util.List;
import java.util.Objects;
import org.nd4j.linalg.api.rng.Random;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The state of a training, beside the network itself: with both, it continues as if it had never stopped.
 *
 * <p>The order of an epoch's images is drawn from seed and epoch alone, so it need not be kept.
 *
 * @param epochs completed epochs
 * @param batches batches trained of the epoch after them
 * @param lossSum sum of these batches' losses
 * @param reportedLossSum sum of the losses since the last loss report
 * @param seconds time spent training these batches
 * @param randomRoot root state of ND4J's random generator
 * @param randomNode node state of ND4J's random generator
 */
record TrainingState(
        List<EpochResult> epochs,
        int batches,
        double lossSum,
        double reportedLossSum,
        double seconds,
        long randomRoot,
        long randomNode) {
    /** Checks the components and copies the lists. */
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
        return now(epochs, 0, 0, 0, 0);
    }

    /**
     * {@return the state now, within an epoch}
     *
     * @param start the state from which the epoch was trained
     * @param begin when that was, by {@link System#nanoTime}
     */
    static TrainingState of(TrainingState start, int batches, double lossSum, double reportedLossSum, long begin) {
        double seconds = start.seconds + (System.nanoTime() - begin) / 1e9;
        return now(start.epochs, batches, lossSum, reportedLossSum, seconds);
    }

    private static TrainingState now(
            List<EpochResult> epochs, int batches, double lossSum, double reportedLossSum, double seconds) {
        Random random = Nd4j.getRandom();
        return new TrainingState(
                epochs, batches, lossSum, reportedLossSum, seconds, random.rootState(), random.nodeState());
    }

    boolean isBeginning() {
        return epochs.isEmpty() && batches == 0;
    }

    /** Sets ND4J's random generator to this state. */
    void restoreRandom() {
        Nd4j.getRandom().setStates(randomRoot, randomNode);
    }
}
