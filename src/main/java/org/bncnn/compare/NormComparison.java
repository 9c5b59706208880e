package org.bncnn.compare;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.bncnn.compare.Comparison.LayerParity;
import org.bncnn.compare.Comparison.LayerSpeed;
import org.bncnn.compare.Comparison.NormTraining;
import org.bncnn.data.ImageDataset;
import org.bncnn.data.ImageSetIterator;
import org.bncnn.engine.Engine;
import org.bncnn.model.Norm;
import org.bncnn.model.Recipe;
import org.bncnn.model.ReferenceCnn;
import org.bncnn.norm.BatchNorm;
import org.bncnn.train.FolderLock;
import org.bncnn.train.Provenance;
import org.bncnn.train.RunFolder;
import org.bncnn.train.ThisProcess;
import org.bncnn.train.Training;
import org.bncnn.train.TrainingObserver;
import org.bncnn.train.TrainingResult;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;

/** The reference CNN with several norms, from the same initial weights, on the same batches. */
public final class NormComparison {
    private static final int PARITY_BATCHES = 20;

    private final Recipe recipe;
    private final ImageDataset data;
    private final Engine engine;
    private final Map<Norm, Training> trainings = new LinkedHashMap<>();

    /** Follows a comparison. */
    public interface Observer {
        /**
         * The next part begins.
         *
         * @param part the part, in a few words
         */
        void partStarted(String part);

        /** {@return the observer of the training that begins} */
        TrainingObserver training();
    }

    /**
     * Prepares the networks.
     *
     * @param norms norms in the order of their trainings
     * @param recipe training choices
     * @param data images to train and measure on
     * @param engine runs the networks, but not their batch normalization: each of the layers runs its own code
     * @throws IOException if the dataset does not fit the network
     */
    public NormComparison(Set<Norm> norms, Recipe recipe, ImageDataset data, Engine engine) throws IOException {
        this.recipe = recipe;
        this.data = data;
        this.engine = engine;
        ThisProcess alone = new ThisProcess(data, recipe);
        for (Norm norm : norms) {
            trainings.put(norm, new Training(norm, recipe, alone, engine, NormComparison::isBatchNorm));
        }
    }

    /**
     * {@return the comparison}. If both BN layers are among the norms, their parity and speed come first.
     *
     * @param folder new and empty folder; each training leaves a run folder in it
     * @param observer follows the comparison
     * @param stopRequested asked between parts and batches; once it says yes, the results so far are returned
     * @throws IOException if the folder cannot be written
     */
    public Comparison run(Path folder, Observer observer, BooleanSupplier stopRequested) throws IOException {
        Provenance provenance = Provenance.now(List.copyOf(trainings.keySet()), engine, recipe, data);
        List<LayerParity> parity = List.of();
        List<LayerSpeed> speed = new ArrayList<>();
        if (trainings.keySet().containsAll(Set.of(Norm.BUILTIN, Norm.CUSTOM))) {
            observer.partStarted("Parity of the custom layer with the built-in one, on " + PARITY_BATCHES + " batches");
            parity = parity();
            for (LayerParity place : parity) {
                if (!stopRequested.getAsBoolean()) {
                    observer.partStarted("Speed of the layers alone, " + place.layer());
                    speed.addAll(LayerTimer.time(
                            place.shape().stream().mapToLong(Long::longValue).toArray()));
                }
            }
        }
        List<NormTraining> trained = new ArrayList<>();
        for (Norm norm : trainings.keySet()) {
            if (!stopRequested.getAsBoolean()) {
                observer.partStarted("Training with norm " + norm);
                trained.add(train(norm, folder, observer, stopRequested));
            }
        }
        return new Comparison(
                provenance, PARITY_BATCHES, parity, speed, trained, Verdict.of(PARITY_BATCHES, parity, speed, trained));
    }

    private List<LayerParity> parity() throws IOException {
        ImageSetIterator batches = ImageSetIterator.shuffled(data.train(), recipe.batchSize(), recipe.seed());
        batches.setPreProcessor(ReferenceCnn.normalizer());
        return ParityCheck.run(
                new Training(Norm.BUILTIN, recipe, data, Engine.DL4J).network(), batches, PARITY_BATCHES);
    }

    private NormTraining train(Norm norm, Path folder, Observer observer, BooleanSupplier stopRequested)
            throws IOException {
        Training training = trainings.get(norm);
        try (FolderLock lock = FolderLock.takeNew(folder.resolve(norm.toString()))) {
            TrainingResult result = training.run(new RunFolder(lock.folder()), observer.training(), stopRequested);
            List<String> layers = Arrays.stream(training.network().getLayers())
                    .filter(layer -> isBatchNorm(layer.conf().getLayer()))
                    .map(NormComparison::describe)
                    .toList();
            return new NormTraining(
                    norm.toString(),
                    layers,
                    result.epochs(),
                    result.completed(),
                    result.test().accuracy());
        }
    }

    private static boolean isBatchNorm(org.deeplearning4j.nn.conf.layers.Layer layer) {
        return layer instanceof BatchNorm || layer instanceof BatchNormalization;
    }

    /** {@return name and class of a layer, and DL4J's helper if it has one} */
    private static String describe(Layer layer) {
        String helper = layer.getHelper() == null
                ? ""
                : " with " + layer.getHelper().getClass().getName();
        return layer.conf().getLayer().getLayerName() + ": " + layer.getClass().getName() + helper;
    }
}
