package org.bncnn.train;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.bncnn.data.ImageDataset;
import org.bncnn.data.ImageSet;
import org.bncnn.data.ImageSetIterator;
import org.bncnn.eval.EvaluationResult;
import org.bncnn.eval.Evaluator;
import org.bncnn.model.Recipe;
import org.bncnn.model.ReferenceCnn;
import org.deeplearning4j.earlystopping.termination.ScoreImprovementEpochTerminationCondition;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/** Trains a network by a recipe: shuffled batches, epoch by epoch, with a measurement on held-out images after each. */
public final class Trainer {
    /** Number of batches after which a loss is reported, as the reference does. */
    static final int REPORT_EVERY = 200;

    private static final int HELD_OUT_BATCH_SIZE = 1000;

    private final MultiLayerNetwork network;
    private final Steps steps;
    private final ImageSetIterator heldOut;
    private final WeightAverage average;
    private final Recipe recipe;
    private final TrainingObserver observer;
    private final BooleanSupplier stopRequested;

    /** Keeps the states of a training, so that it can be resumed. This one keeps nothing. */
    interface Keeper {
        /** Keeps a state and, with it, the network as it is now. */
        default void keep(TrainingState state) throws IOException {}

        /** {@return the network that was most accurate after an epoch} */
        default MultiLayerNetwork best() throws IOException {
            throw new IllegalStateException("nothing was kept");
        }
    }

    /**
     * Prepares a training in this process.
     *
     * @param network the network, which is trained in place
     * @param data images to train on, and to measure on
     * @param recipe the training choices
     * @param observer is told about the progress
     * @param stopRequested is asked before each batch; the training ends once it returns true
     */
    public Trainer(
            MultiLayerNetwork network,
            ImageDataset data,
            Recipe recipe,
            TrainingObserver observer,
            BooleanSupplier stopRequested) {
        this(
                network,
                new LocalSteps(network, data.train(), recipe, recipe.batchSize(), recipe.seed()),
                data.test(),
                new WeightAverage(network, recipe.averaging(), null),
                recipe,
                observer,
                stopRequested);
    }

    Trainer(
            MultiLayerNetwork network,
            Steps steps,
            ImageSet heldOut,
            WeightAverage average,
            Recipe recipe,
            TrainingObserver observer,
            BooleanSupplier stopRequested) {
        this.network = network;
        this.steps = steps;
        this.heldOut = ImageSetIterator.ordered(heldOut, HELD_OUT_BATCH_SIZE);
        this.heldOut.setPreProcessor(ReferenceCnn.normalizer());
        this.average = average;
        this.recipe = recipe;
        this.observer = observer;
        this.stopRequested = stopRequested;
    }

    /**
     * Trains until the recipe's last epoch is over, its patience is, or a stop is requested, whichever is first.
     *
     * @return the epochs, and a measurement of the trained network
     * @throws DivergedException if the loss is not finite
     * @throws IOException if the observer fails
     */
    public TrainingResult train() throws IOException {
        return train(TrainingState.start(), 0, new Keeper() {});
    }

    /**
     * Continues a training. At the end the network has the averaged parameters, and after early stopping those of the
     * best epoch.
     *
     * @param start the state that the network's training has reached
     * @param keepEvery number of batches after which the state is kept within an epoch; 0 for its end alone
     * @throws DivergedException if the loss is not finite
     * @throws IOException if observer or keeper fails
     */
    TrainingResult train(TrainingState start, int keepEvery, Keeper keeper) throws IOException {
        List<EpochResult> epochs = new ArrayList<>(start.epochs());
        EvaluationResult measured = null;
        TrainingState state = start;
        state.restoreRandom();
        while (!isOver(epochs) && !stopRequested.getAsBoolean()) {
            state = trainEpoch(state, keepEvery, keeper);
            if (steps.hasNext()) {
                measured = null;
                keeper.keep(state);
                break;
            }
            network.incrementEpochCount();
            measured = recipe.measuresEachEpoch() ? average.inPlace(() -> Evaluator.evaluate(network, heldOut)) : null;
            EpochResult result = new EpochResult(
                    epochs.size() + 1,
                    state.lossSum() / state.batches(),
                    measured == null ? null : new Measurement(HeldOut.of(recipe), measured.accuracy(), measured.loss()),
                    state.seconds(),
                    steps.images() / state.seconds());
            epochs.add(result);
            observer.epochEnded(result);
            state = TrainingState.atEpochEnd(epochs);
            keeper.keep(state);
        }
        average.settle();
        if (recipe.patience() > 0 && isOver(epochs)) {
            network.setParams(keeper.best().params());
            measured = null;
        }
        return new TrainingResult(
                isOver(epochs), epochs, measured == null ? Evaluator.evaluate(network, heldOut) : measured);
    }

    private boolean isOver(List<EpochResult> epochs) {
        return epochs.size() >= recipe.epochs() || isOutOfPatience(epochs, recipe.patience());
    }

    /**
     * {@return whether the accuracy has not improved for a number of epochs}, by DL4J's own condition. Prechelt (1998),
     * "Early Stopping - But When?".
     *
     * @param patience number of epochs; 0 for any number
     */
    static boolean isOutOfPatience(List<EpochResult> epochs, int patience) {
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

    /** {@return the state at the end of the epoch or, if a stop is requested, within it} */
    private TrainingState trainEpoch(TrainingState start, int keepEvery, Keeper keeper) throws IOException {
        int epoch = start.epochs().size() + 1;
        steps.startEpoch(epoch - 1, start.batches());
        double lossSum = start.lossSum();
        double reportedLossSum = start.reportedLossSum();
        int batch = start.batches();
        long begin = System.nanoTime();
        while (steps.hasNext() && !stopRequested.getAsBoolean()) {
            int before = batch;
            double[] losses = steps.next();
            average.update();
            for (double loss : losses) {
                batch++;
                if (!Double.isFinite(loss)) {
                    throw new DivergedException(epoch, batch, loss);
                }
                lossSum += loss;
                reportedLossSum += loss;
                if (batch % REPORT_EVERY == 0) {
                    observer.lossReported(epoch, batch, reportedLossSum / REPORT_EVERY);
                    reportedLossSum = 0;
                }
            }
            observer.batchTrained(epoch, steps.images());
            if (steps.hasNext() && keepEvery > 0 && batch / keepEvery > before / keepEvery) {
                keeper.keep(TrainingState.of(start, batch, lossSum, reportedLossSum, begin));
            }
        }
        return TrainingState.of(start, batch, lossSum, reportedLossSum, begin);
    }
}
