package org.bncnn.train;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.bncnn.data.ImageDataset;
import org.bncnn.data.ImageSetIterator;
import org.bncnn.eval.EvaluationResult;
import org.bncnn.eval.Evaluator;
import org.bncnn.model.Recipe;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.preprocessor.DataNormalization;

/** Trains a network by a recipe: shuffled batches, epoch by epoch, with a measurement on the test images after each. */
public final class Trainer {
    /** A loss is reported after so many batches, as the reference does. */
    static final int REPORT_EVERY = 200;

    private static final int TEST_BATCH_SIZE = 1000;

    private final MultiLayerNetwork network;
    private final Recipe recipe;
    private final int trainImages;
    private final ImageSetIterator train;
    private final ImageSetIterator test;
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
        this.network = network;
        this.recipe = recipe;
        this.trainImages = data.train().size();
        this.train = ImageSetIterator.shuffled(data.train(), recipe.batchSize(), recipe.seed());
        this.test = ImageSetIterator.ordered(data.test(), TEST_BATCH_SIZE);
        this.train.setPreProcessor(normalizer);
        this.test.setPreProcessor(normalizer);
        this.observer = observer;
        this.stopRequested = stopRequested;
    }

    /**
     * Trains until the recipe's last epoch is over or a stop is requested, whichever is first.
     *
     * @throws DivergedException if the loss is not finite
     * @throws IOException if the observer fails
     */
    public TrainingResult train() throws IOException {
        List<EpochResult> epochs = new ArrayList<>();
        EvaluationResult measured = null;
        for (int epoch = 1; epoch <= recipe.epochs() && !stopRequested.getAsBoolean(); epoch++) {
            train.startEpoch(epoch - 1);
            long start = System.nanoTime();
            double trainLoss = trainEpoch(epoch);
            double seconds = (System.nanoTime() - start) / 1e9;
            if (train.hasNext()) {
                measured = null;
                break;
            }
            network.incrementEpochCount();
            measured = Evaluator.evaluate(network, test);
            EpochResult result = new EpochResult(
                    epoch, trainLoss, measured.accuracy(), measured.loss(), seconds, trainImages / seconds);
            epochs.add(result);
            observer.epochEnded(result);
        }
        if (measured == null) {
            measured = Evaluator.evaluate(network, test);
        }
        return new TrainingResult(epochs.size() == recipe.epochs(), epochs, measured);
    }

    /** {@return the mean loss of the epoch's batches; if a stop is requested, of those that were trained} */
    private double trainEpoch(int epoch) throws IOException {
        double epochLoss = 0;
        double reportLoss = 0;
        int batch = 0;
        int images = 0;
        while (train.hasNext() && !stopRequested.getAsBoolean()) {
            DataSet next = train.next();
            network.fit(next);
            double loss = network.score();
            batch++;
            images += next.numExamples();
            if (!Double.isFinite(loss)) {
                throw new DivergedException(epoch, batch, loss);
            }
            epochLoss += loss;
            reportLoss += loss;
            observer.batchTrained(epoch, images);
            if (batch % REPORT_EVERY == 0) {
                observer.lossReported(epoch, batch, reportLoss / REPORT_EVERY);
                reportLoss = 0;
            }
        }
        return epochLoss / batch;
    }
}
