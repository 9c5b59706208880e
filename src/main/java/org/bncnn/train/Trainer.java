package org.bncnn.train;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.bncnn.data.ImageDataset;
import org.bncnn.data.ImageSet;
import org.bncnn.data.ImageSetIterator;
import org.bncnn.eval.EvaluationResult;
import org.bncnn.eval.Evaluator;
import org.bncnn.model.Recipe;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.dataset.api.preprocessor.DataNormalization;

/** Trains a network by a recipe: shuffled batches, epoch by epoch, with a measurement on held-out images after each. */
public final class Trainer {
    /** A loss is reported after so many batches, as the reference does. */
    static final int REPORT_EVERY = 200;

    private static final int HELD_OUT_BATCH_SIZE = 1000;

    private final MultiLayerNetwork network;
    private final Recipe recipe;
    private final int trainImages;
    private final Steps steps;
    private final ImageSetIterator heldOut;
    private final WeightAverage average;
    private final TrainingObserver observer;
    private final BooleanSupplier stopRequested;

    /**
     * @param network is trained in place
     * @param normalizer is applied to every batch
     * @param stopRequested is asked before each batch; once it says yes, the training ends
     */
    public Trainer(
            MultiLayerNetwork network,
            DataNormalization normalizer,
            ImageDataset data,
            Recipe recipe,
            TrainingObserver observer,
            BooleanSupplier stopRequested) {
        this(
                network,
                new LocalSteps(network, normalizer, data.train(), recipe),
                data.train().size(),
                normalizer,
                data.test(),
                new WeightAverage(network, recipe.averaging(), null),
                recipe,
                observer,
                stopRequested);
    }

    /**
     * @param steps train the network
     * @param trainImages of an epoch
     * @param heldOut images to measure on
     * @param average of the network's parameters
     */
    Trainer(
            MultiLayerNetwork network,
            Steps steps,
            int trainImages,
            DataNormalization normalizer,
            ImageSet heldOut,
            WeightAverage average,
            Recipe recipe,
            TrainingObserver observer,
            BooleanSupplier stopRequested) {
        this.network = network;
        this.recipe = recipe;
        this.trainImages = trainImages;
        this.steps = steps;
        this.heldOut = ImageSetIterator.ordered(heldOut, HELD_OUT_BATCH_SIZE);
        this.heldOut.setPreProcessor(normalizer);
        this.average = average;
        this.observer = observer;
        this.stopRequested = stopRequested;
    }

    /**
     * Trains until the recipe's last epoch is over, its patience is, or a stop is requested, whichever is first.
     *
     * @throws DivergedException if the loss is not finite
     * @throws IOException if the observer fails
     */
    public TrainingResult train() throws IOException {
        return train(TrainingState.start(), StateKeeper.NONE);
    }

    /**
     * Trains on. At the end the network has the averaged parameters, and after early stopping those of the best epoch.
     *
     * @param start where the network's training stands
     * @param keeper is given the states to keep
     * @throws DivergedException if the loss is not finite
     * @throws IOException if observer or keeper fails
     */
    TrainingResult train(TrainingState start, StateKeeper keeper) throws IOException {
        List<EpochResult> epochs = new ArrayList<>(start.epochs());
        EvaluationResult measured = null;
        TrainingState state = start;
        state.restoreRandom();
        while (!isOver(epochs) && !stopRequested.getAsBoolean()) {
            state = trainEpoch(state, keeper);
            if (steps.hasNext()) {
                measured = null;
                keep(keeper, state);
                break;
            }
            network.incrementEpochCount();
            measured = recipe.measuresEachEpoch() ? measure() : null;
            EpochResult result = new EpochResult(
                    epochs.size() + 1,
                    state.lossSum() / state.batches(),
                    measured == null ? null : new Measurement(HeldOut.of(recipe), measured.accuracy(), measured.loss()),
                    state.seconds(),
                    trainImages / state.seconds());
            epochs.add(result);
            observer.epochEnded(result);
            state = TrainingState.atEpochEnd(epochs);
            keep(keeper, state);
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
        return epochs.size() >= recipe.epochs() || EarlyStopping.isDue(epochs, recipe.patience());
    }

    private EvaluationResult measure() throws IOException {
        AtomicReference<EvaluationResult> measured = new AtomicReference<>();
        average.inPlace(() -> measured.set(Evaluator.evaluate(network, heldOut)));
        return measured.get();
    }

    /** {@return where the training stands at the end of the epoch; if a stop is requested, somewhere within} */
    private TrainingState trainEpoch(TrainingState start, StateKeeper keeper) throws IOException {
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
            if (steps.hasNext() && keeper.isDue(before, batch)) {
                double seconds = start.seconds() + secondsSince(begin);
                keep(keeper, TrainingState.of(start.epochs(), batch, lossSum, reportedLossSum, seconds));
            }
        }
        return TrainingState.of(start.epochs(), batch, lossSum, reportedLossSum, start.seconds() + secondsSince(begin));
    }

    private void keep(StateKeeper keeper, TrainingState state) throws IOException {
        keeper.keep(state);
        observer.stateKept();
    }

    private static double secondsSince(long begin) {
        return (System.nanoTime() - begin) / 1e9;
    }
}
