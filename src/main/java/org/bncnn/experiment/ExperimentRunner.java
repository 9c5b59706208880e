package org.bncnn.experiment;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.bncnn.data.DatasetException;
import org.bncnn.data.ImageDataset;
import org.bncnn.data.ImageSet;
import org.bncnn.data.ImageSetIterator;
import org.bncnn.engine.Engine;
import org.bncnn.eval.LayerSignal;
import org.bncnn.eval.SignalProbe;
import org.bncnn.experiment.Experiment.Setting;
import org.bncnn.experiment.ExperimentResult.Trial;
import org.bncnn.model.Norm;
import org.bncnn.model.ReferenceCnn;
import org.bncnn.train.DivergedException;
import org.bncnn.train.Provenance;
import org.bncnn.train.ThisProcess;
import org.bncnn.train.Trainer;
import org.bncnn.train.TrainingObserver;
import org.bncnn.train.TrainingResult;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeConvolutional;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.dataset.DataSet;

/** Makes the networks of an {@link Experiment}, measures what passes through their layers, and trains them. */
public final class ExperimentRunner {
    private final Experiment experiment;
    private final Set<Norm> norms;
    private final ImageDataset data;
    private final Engine engine;
    private final long seed;

    /** Receives the progress of an experiment. */
    public interface Observer {
        /**
         * A trial begins; {@code done} of {@code all} are finished.
         *
         * @param norm norm of the network
         * @param setting name of the setting
         * @param done finished trials
         * @param all trials of the experiment
         */
        default void trialStarted(String norm, String setting, int done, int all) {}

        /**
         * A trial is finished.
         *
         * @param trial its result
         */
        default void trialEnded(Trial trial) {}
    }

    /**
     * Prepares an experiment.
     *
     * @param experiment the experiment
     * @param norms the norms, in the order they are tried in
     * @param data the training and test images
     * @param engine what runs the networks
     * @param seed for the initial parameters and the order of the images; the same for all trials
     * @throws DatasetException if the last batch of a setting would be one image, which batch normalization cannot
     *     train on
     */
    public ExperimentRunner(Experiment experiment, Set<Norm> norms, ImageDataset data, Engine engine, long seed)
            throws DatasetException {
        for (Setting setting : experiment.settings(seed)) {
            if (!norms.equals(Set.of(Norm.NONE))) {
                ThisProcess.refuseLoneImage(data, setting.recipe(), "take one away");
            }
        }
        this.experiment = experiment;
        this.norms = norms;
        this.data = data;
        this.engine = engine;
        this.seed = seed;
    }

    /**
     * Runs all trials.
     *
     * @param observer receives the progress
     * @param stopRequested is asked between and within trials; once it says yes, the finished trials are returned
     * @return the finished trials
     * @throws IOException if the images cannot be read
     */
    public ExperimentResult run(Observer observer, BooleanSupplier stopRequested) throws IOException {
        List<Setting> settings = experiment.settings(seed);
        List<Trial> trials = new ArrayList<>();
        int done = 0;
        for (Setting setting : settings) {
            for (Norm norm : norms) {
                if (!stopRequested.getAsBoolean()) {
                    observer.trialStarted(norm.toString(), setting.name(), done++, settings.size() * norms.size());
                    Trial trial = trial(setting, norm, stopRequested);
                    if (!stopRequested.getAsBoolean()) {
                        trials.add(trial);
                        observer.trialEnded(trial);
                    }
                }
            }
        }
        return new ExperimentResult(
                experiment,
                experiment.question(),
                experiment.axis(),
                Provenance.now(List.copyOf(norms), engine, settings.get(0).recipe(), data),
                trials);
    }

    private Trial trial(Setting setting, Norm norm, BooleanSupplier stopRequested) throws IOException {
        MultiLayerNetwork network = engine.apply(network(setting, norm));
        DataSet first = firstBatch(setting);
        var activation = setting.activation().getActivationFunction();
        SignalProbe untrained = new SignalProbe(network, first);
        List<LayerSignal> atStart = untrained.layers(activation);
        List<Double> spreads = untrained.spreadsBetweenImages();
        TrainingResult result = null;
        try {
            result = new Trainer(network, data, setting.recipe(), new TrainingObserver() {}, stopRequested).train();
        } catch (DivergedException e) {
            // That is an answer too.
        }
        boolean complete = result != null && result.completed();
        return new Trial(
                norm.toString(),
                setting.name(),
                atStart,
                spreads,
                new SignalProbe(network, first).layers(activation),
                result == null,
                complete ? result.epochs().get(result.epochs().size() - 1).trainLoss() : null,
                complete ? result.test().accuracy() : null);
    }

    private MultiLayerNetwork network(Setting setting, Norm norm) {
        ImageSet images = data.train();
        InputType input = InputType.convolutional(images.height(), images.width(), images.channels());
        return setting.network(
                norm, (InputTypeConvolutional) input, images.classNames().size());
    }

    private DataSet firstBatch(Setting setting) {
        ImageSetIterator images = ImageSetIterator.shuffled(
                data.train(), setting.recipe().batchSize(), setting.recipe().seed());
        images.setPreProcessor(ReferenceCnn.normalizer());
        return images.next();
    }
}
