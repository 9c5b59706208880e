package org.bncnn.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.bncnn.data.DatasetException;
import org.bncnn.data.ImageDataset;
import org.bncnn.data.ImagePreparation;
import org.bncnn.data.ImageSet;
import org.bncnn.data.ImageSetIterator;
import org.bncnn.engine.Engine;
import org.bncnn.eval.EvaluationResult;
import org.bncnn.eval.SignalProbe;
import org.bncnn.export.PortableModel;
import org.bncnn.model.Norm;
import org.bncnn.model.Recipe;
import org.bncnn.model.ReferenceCnn;
import org.bncnn.store.JsonFile;
import org.bncnn.store.ModelDescription;
import org.bncnn.store.ModelFile;
import org.bncnn.train.Checkpoints.Checkpoint;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeConvolutional;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.impl.ActivationReLU;

/**
 * A whole run: makes the reference CNN for a dataset, trains it, and leaves model, metrics and provenance in a run
 * folder.
 */
public final class Training {
    /** Largest number of values in a batch's images, which are made in one Java array. */
    private static final int LARGEST_BATCH = Integer.MAX_VALUE - 8;

    /** Number of training images on which the layers are looked at. */
    private static final int PROBED_IMAGES = 64;

    private final Norm norm;
    private final Recipe recipe;
    private final Cluster cluster;
    private final ImageDataset data;
    private final Engine engine;
    private final Predicate<Layer> ownCode;
    private MultiLayerNetwork network;
    private WeightAverage average;
    private Provenance provenance;

    /**
     * Prepares a training in this process.
     *
     * @param norm batch normalization of the network
     * @param recipe the training choices
     * @param data the dataset
     * @param engine the engine that computes the network
     * @throws DatasetException if the dataset's images, their number or the classes do not fit the network
     */
    public Training(Norm norm, Recipe recipe, ImageDataset data, Engine engine) throws DatasetException {
        this(norm, recipe, new ThisProcess(data, recipe), engine, layer -> false);
    }

    /**
     * Prepares a training on a cluster.
     *
     * @param norm batch normalization of the network
     * @param recipe the training choices
     * @param cluster the machines, with the dataset
     * @param engine the engine that computes the network
     * @param ownCode tells from a layer's configuration whether it runs its own code whatever the engine
     * @throws DatasetException if the dataset's images, their number or the classes do not fit the network
     */
    public Training(Norm norm, Recipe recipe, Cluster cluster, Engine engine, Predicate<Layer> ownCode)
            throws DatasetException {
        this.norm = norm;
        this.recipe = recipe;
        this.cluster = cluster;
        this.data = cluster.data();
        this.engine = engine;
        this.ownCode = ownCode;
        requireFitting(data.train());
        try {
            network = engine.apply(network(norm, recipe, data.train()), ownCode);
        } catch (IllegalArgumentException e) {
            throw new DatasetException(data.location() + ": " + e.getMessage(), e);
        }
        average = new WeightAverage(network, recipe.averaging(), null);
        cluster.requireTrainable(norm);
    }

    private static MultiLayerNetwork network(Norm norm, Recipe recipe, ImageSet images) {
        var input = InputType.convolutional(images.height(), images.width(), images.channels());
        return ReferenceCnn.initialise(ReferenceCnn.configuration(
                norm, (InputTypeConvolutional) input, images.classNames().size(), recipe));
    }

    private void requireFitting(ImageSet images) throws DatasetException {
        String size = images.height() + "×" + images.width();
        int shift = recipe.augmentation().shift();
        if (shift >= Math.min(images.height(), images.width())) {
            throw new DatasetException(data.location() + ": --shift " + shift + " moves images of " + size
                    + " out of sight; choose a smaller one");
        }
        long batch = Math.min(recipe.batchSize(), images.size());
        if (batch * images.channels() * images.height() * images.width() > LARGEST_BATCH) {
            throw new DatasetException(data.location() + ": " + batch + " images of " + size
                    + " are too large for one batch; choose a smaller --batch-size");
        }
    }

    /** {@return the images to train on, on a cluster those of the first part, and those to measure on} */
    public ImageDataset data() {
        return data;
    }

    /** {@return the network that is trained} */
    public MultiLayerNetwork network() {
        return network;
    }

    /**
     * Runs from the beginning to the end, without checkpoints.
     *
     * @param folder the run folder, new and empty
     * @param observer is told about the progress
     * @param stopRequested is asked before each batch; once it returns true, the network is measured and saved as it is
     * @return the epochs, and a measurement of the trained network
     * @throws DivergedException if the loss is not finite; the metrics are kept then
     * @throws IOException if the run folder cannot be written
     */
    public TrainingResult run(RunFolder folder, TrainingObserver observer, BooleanSupplier stopRequested)
            throws IOException {
        return runWithCheckpoints(folder, 0, 0, observer, stopRequested);
    }

    /**
     * Runs with checkpoints, from the folder's last one if there is any. Parameters, updater state, running statistics,
     * order of the images, random generator and metrics continue where they were: the end is the same, bit by bit, as
     * without interruption, with the same engine and number of threads.
     *
     * @param folder the run folder, new and empty, or of the same training
     * @param checkpointEvery number of batches between checkpoints within an epoch; 0 for none within
     * @param keepCheckpoints number of checkpoints that are kept, the last ones; 0 for a run without checkpoints
     * @param observer is told about the progress
     * @param stopRequested is asked before each batch; once it returns true, the network is measured and saved as it is
     * @return the epochs, and a measurement of the trained network
     * @throws DivergedException if the loss is not finite; the metrics are kept then
     * @throws IOException if the run folder cannot be written, is of another training, or has checkpoints of which none
     *     can be used; in the latter cases it stays as it was
     */
    public TrainingResult runWithCheckpoints(
            RunFolder folder,
            int checkpointEvery,
            int keepCheckpoints,
            TrainingObserver observer,
            BooleanSupplier stopRequested)
            throws IOException {
        Optional<Provenance> begun = folder.provenance();
        provenance = begun.isPresent()
                ? begun.get()
                : Provenance.now(List.of(norm), engine, recipe, data, cluster.describe());
        if (!provenance.datasetSha256().equals(data.sha256())) {
            throw new DatasetException(folder.path() + ": was trained on other images (" + provenance.dataset()
                    + ") than those of " + data.location() + "; name them with --data");
        }
        Checkpoints checkpoints = folder.checkpoints(keepCheckpoints);
        TrainingState start = resume(folder, checkpoints, begun.orElse(null));
        checkpoints.createFolder();
        TrainingResult result;
        try (MetricsFile metrics = new MetricsFile(folder.metricsFile(), start)) {
            folder.write(provenance);
            TrainingObserver told = new TrainingObservers(List.of(metrics, observer));
            TrainingObserver probe = new TrainingObserver() {
                @Override
                public void epochEnded(EpochResult epoch) throws IOException {
                    told.layersProbed(layers(epoch.epoch()));
                }
            };
            if (start.isBeginning()) {
                told.layersProbed(layers(0));
            }
            Steps steps = cluster.steps(network, recipe, engine);
            TrainingObserver all = new TrainingObservers(List.of(told, probe));
            result = new Trainer(network, steps, data.test(), average, recipe, all, stopRequested)
                    .train(start, checkpointEvery, keeper(checkpoints, metrics));
        }
        ModelFile model = model(HeldOut.of(recipe) == HeldOut.TEST ? result.test() : null, null);
        folder.write(norm == Norm.CUSTOM ? model : PortableModel.of(model));
        folder.write(result.test());
        return result;
    }

    private Trainer.Keeper keeper(Checkpoints checkpoints, MetricsFile metrics) {
        return new Trainer.Keeper() {
            @Override
            public void keep(TrainingState state) throws IOException {
                checkpoints.save(model(null, state), average, state);
                metrics.requireSame();
            }

            @Override
            public MultiLayerNetwork best() throws IOException {
                return checkpoints.loadBest().network();
            }
        };
    }

    /** {@return the state to start from} Network and average become those of the last checkpoint, if there is one. */
    private TrainingState resume(RunFolder folder, Checkpoints checkpoints, Provenance begun) throws IOException {
        Optional<Checkpoint> last =
                checkpoints.last(recipe.averaging() > 0, checkpoint -> requireOurs(checkpoint, begun));
        if (last.isEmpty()) {
            if (Files.exists(folder.model())) {
                throw new NoSuchFileException(folder.model()
                        + ": exists, but there is no checkpoint to resume from; start again in a new folder");
            }
            return TrainingState.start();
        }
        ModelFile measured = last.get().average();
        TrainingState start = last.get().state();
        network = engine.apply(last.get().model().network(), ownCode);
        average = new WeightAverage(
                network, recipe.averaging(), measured == null ? null : WeightAverage.values(measured.network()));
        if (recipe.patience() > 0 && !start.epochs().isEmpty()) {
            checkpoints.loadBest(); // or the end would fail
        }
        return start;
    }

    /**
     * Makes sure that a checkpoint is one of this training.
     *
     * @param begun what this training was made of when it began; null if that is unknown
     * @throws IOException if the checkpoint is of another training, or its state is not that of its network
     */
    private void requireOurs(Checkpoint checkpoint, Provenance begun) throws IOException {
        Path file = checkpoint.file();
        MultiLayerNetwork trained = checkpoint.model().network();
        Provenance made =
                JsonFile.value(checkpoint.model().description().provenance(), Provenance.class, file + ": provenance");
        if (!made.equals(begun)) {
            throw new IOException(file + ": belongs to a different training than provenance.json"
                    + (begun == null ? ", which is missing" : ""));
        }
        TrainingState state = checkpoint.state();
        int epochs = state.epochs().size();
        if (epochs > recipe.epochs()) {
            throw new IOException(
                    file + ": has completed " + epochs + " epochs, but the recipe has only " + recipe.epochs());
        }
        if (state.epochs().stream().anyMatch(epoch -> (epoch.measured() != null) != recipe.measuresEachEpoch())) {
            throw new IOException(file + ": training: an epoch was measured that should not have been, or the reverse");
        }
        long steps = trained.getIterationCount();
        if (trained.getEpochCount() != epochs
                || cluster.stepsTo(epochs, state.batches()).orElse(steps) != steps) {
            throw new IOException(file + ": training: says " + epochs + " epochs and " + state.batches()
                    + " batches, but its network was trained for longer or shorter");
        }
    }

    /** {@return statistics of the layers after an epoch}, on the same training images each time */
    private LayerMetrics layers(int epoch) {
        ImageSetIterator images = ImageSetIterator.ordered(data.train(), PROBED_IMAGES);
        images.setPreProcessor(ReferenceCnn.normalizer());
        SignalProbe probe = new SignalProbe(network, images.next());
        return new LayerMetrics(epoch, probe.layers(new ActivationReLU()), probe.norms());
    }

    private ModelFile model(EvaluationResult evaluation, TrainingState state) {
        ImageSet images = data.train();
        return new ModelFile(
                network,
                ReferenceCnn.normalizer(),
                new ModelDescription(
                        images.classNames(),
                        List.of(images.channels(), images.height(), images.width()),
                        JsonFile.tree(ImagePreparation.with(data.inversion())),
                        JsonFile.tree(provenance),
                        evaluation == null ? null : JsonFile.tree(evaluation),
                        state == null ? null : JsonFile.tree(state)));
    }
}
