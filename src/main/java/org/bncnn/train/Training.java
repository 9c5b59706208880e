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
import org.bncnn.engine.Engine;
import org.bncnn.eval.EvaluationResult;
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

/** A whole run: makes the reference CNN for a dataset, trains it, and leaves model, metrics and provenance in a run folder. */
public final class Training {
    /** Values of a batch's images: they are made in one Java array. */
    private static final int LARGEST_BATCH = Integer.MAX_VALUE - 8;

    private final Norm norm;
    private final Recipe recipe;
    private final ImageDataset data;
    private final Engine engine;
    private final Predicate<Layer> ownCode;
    private final Cluster cluster;
    private MultiLayerNetwork network;
    private WeightAverage average;
    private Provenance provenance;

    /** @throws DatasetException if the dataset's images, their number or the classes do not fit the network */
    public Training(Norm norm, Recipe recipe, ImageDataset data, Engine engine) throws DatasetException {
        this(norm, recipe, data, engine, layer -> false);
    }

    /**
     * @param ownCode tells of a layer's configuration whether it runs its own code whatever the engine
     * @throws DatasetException if the dataset's images, their number or the classes do not fit the network
     */
    public Training(Norm norm, Recipe recipe, ImageDataset data, Engine engine, Predicate<Layer> ownCode)
            throws DatasetException {
        this(norm, recipe, data, engine, ownCode, null);
        int images = this.data.train().size();
        if (norm != Norm.NONE && recipe.lastBatchSize(images) == 1) {
            throw new DatasetException(data.location() + ": with batches of " + recipe.batchSize() + " the last of "
                    + images
                    + " training images is a batch of its own, and batch normalization cannot train on one"
                    + " image; choose another --batch-size");
        }
    }

    /**
     * On a cluster.
     *
     * @throws DatasetException if the dataset's images or the classes do not fit the network
     */
    public Training(Norm norm, Recipe recipe, Cluster cluster, Engine engine) throws DatasetException {
        this(norm, recipe, cluster.data(), engine, layer -> false, cluster);
    }

    private Training(
            Norm norm, Recipe recipe, ImageDataset data, Engine engine, Predicate<Layer> ownCode, Cluster cluster)
            throws DatasetException {
        this.norm = norm;
        this.engine = engine;
        this.recipe = recipe;
        this.data = split(data, recipe);
        this.ownCode = ownCode;
        this.cluster = cluster;
        ImageSet images = this.data.train();
        requireFitting(images);
        var input = InputType.convolutional(images.height(), images.width(), images.channels());
        try {
            network = engine.apply(
                    ReferenceCnn.initialise(ReferenceCnn.configuration(
                            norm,
                            (InputTypeConvolutional) input,
                            images.classNames().size(),
                            recipe)),
                    ownCode);
        } catch (IllegalArgumentException e) {
            throw new DatasetException(data.location() + ": " + e.getMessage(), e);
        }
        average = new WeightAverage(network, recipe.averaging(), null);
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

    /**
     * {@return a dataset as a recipe has it trained and measured on}
     *
     * @throws DatasetException if it has not enough images to hold out so many
     */
    public static ImageDataset split(ImageDataset data, Recipe recipe) throws DatasetException {
        return HeldOut.of(recipe) == HeldOut.VALIDATION ? data.holdOut(recipe.validation()) : data;
    }

    /** {@return the images that it trains on, and those that it measures on} */
    public ImageDataset data() {
        return data;
    }

    /** {@return the network that is trained} */
    public MultiLayerNetwork network() {
        return network;
    }

    /**
     * Runs, from the beginning to the end, without checkpoints.
     *
     * @param folder new and empty
     * @param observer is told how it goes, beside the run folder's metrics
     * @param stopRequested is asked before each batch; once it says yes, the network is measured and saved as it is
     * @throws DivergedException if the loss is not finite; the metrics are kept then
     * @throws IOException if the run folder cannot be written
     */
    public TrainingResult run(RunFolder folder, TrainingObserver observer, BooleanSupplier stopRequested)
            throws IOException {
        provenance = provenanceOfNow();
        return run(folder, observer, stopRequested, TrainingState.start(), StateKeeper.NONE);
    }

    /**
     * Runs with checkpoints, from the last one in the folder if there is any. Parameters, updater state, running statistics, order of
     * the images, random generator and metrics go on where they were: the end is the same, bit by bit, as without interruption, with the
     * same engine and number of threads.
     *
     * @param folder new and empty, or of the same training
     * @param checkpointEvery so many batches of an epoch, and at its end; 0 for its end alone
     * @param keepCheckpoints so many, the last ones; at least 1
     * @throws IOException also if the folder is of another training, or none of its checkpoints can be used; it is as it was then
     * @see #run(RunFolder, TrainingObserver, BooleanSupplier)
     */
    public TrainingResult runWithCheckpoints(
            RunFolder folder,
            int checkpointEvery,
            int keepCheckpoints,
            TrainingObserver observer,
            BooleanSupplier stopRequested)
            throws IOException {
        Optional<Provenance> begun = folder.provenance();
        provenance = begun.isPresent() ? begun.get() : provenanceOfNow();
        if (!provenance.datasetSha256().equals(data.sha256())) {
            throw new DatasetException(folder.path() + ": was trained on other images (" + provenance.dataset()
                    + ") than those of " + data.location() + "; name them with --data");
        }
        Checkpoints checkpoints = folder.checkpoints(keepCheckpoints);
        Optional<Checkpoint> last =
                checkpoints.last(recipe.averaging() > 0, checkpoint -> requireOurs(checkpoint, begun.orElse(null)));
        TrainingState start = TrainingState.start();
        if (last.isPresent()) {
            network = engine.apply(last.get().model().network(), ownCode);
            ModelFile measured = last.get().average();
            average = new WeightAverage(
                    network, recipe.averaging(), measured == null ? null : WeightAverage.values(measured.network()));
            start = last.get().state();
            if (recipe.patience() > 0 && !start.epochs().isEmpty()) {
                checkpoints.loadBest(); // or the end would fail
            }
        } else if (Files.exists(folder.model())) {
            throw new NoSuchFileException(folder.model()
                    + ": exists, but there is no checkpoint to resume from; start again in a new folder");
        }
        checkpoints.createFolder();
        StateKeeper keeper = new StateKeeper() {
            @Override
            public boolean isDue(int before, int batches) {
                return checkpointEvery > 0 && batches / checkpointEvery > before / checkpointEvery;
            }

            @Override
            public void keep(TrainingState state) throws IOException {
                checkpoints.save(model(null, state), average, state);
            }

            @Override
            public MultiLayerNetwork best() throws IOException {
                return checkpoints.loadBest().network();
            }
        };
        return run(folder, observer, stopRequested, start, keeper);
    }

    private TrainingResult run(
            RunFolder folder,
            TrainingObserver observer,
            BooleanSupplier stopRequested,
            TrainingState start,
            StateKeeper keeper)
            throws IOException {
        TrainingResult result;
        try (MetricsFile metrics = new MetricsFile(folder.metricsFile(), start)) {
            folder.write(provenance);
            TrainingObserver both = new TrainingObservers(List.of(metrics, observer));
            LayerProbe probe = new LayerProbe(network, data.train(), both);
            if (start.isBeginning()) {
                probe.look(0);
            }
            result = new Trainer(
                            network,
                            steps(),
                            cluster == null ? data.train().size() : cluster.images(),
                            ReferenceCnn.normalizer(),
                            data.test(),
                            average,
                            recipe,
                            new TrainingObservers(List.of(both, probe)),
                            stopRequested)
                    .train(start, keeper);
        }
        ModelFile model = model(HeldOut.of(recipe) == HeldOut.TEST ? result.test() : null, null);
        folder.write(norm == Norm.CUSTOM ? model : PortableModel.of(model));
        folder.write(result.test());
        return result;
    }

    /**
     * @param begun what this training was made of when it began; null if that is not known
     * @throws IOException if the checkpoint is of another training, or its state is not that of its network
     */
    private void requireOurs(Checkpoint checkpoint, Provenance begun) throws IOException {
        Path file = checkpoint.file();
        ModelFile model = checkpoint.model();
        Provenance made = JsonFile.value(model.description().provenance(), Provenance.class, file + ": provenance");
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
        if (model.network().getEpochCount() != epochs
                || cluster == null && model.network().getIterationCount() != iterations(state)) {
            throw new IOException(file + ": training: says " + epochs + " epochs and " + state.batches()
                    + " batches, but its network was trained for longer or shorter");
        }
    }

    /** {@return how many steps lead to a state}, if each trains one batch */
    private long iterations(TrainingState state) {
        long batchesPerEpoch = (data.train().size() + recipe.batchSize() - 1L) / recipe.batchSize();
        return state.epochs().size() * batchesPerEpoch + state.batches();
    }

    private Provenance provenanceOfNow() throws IOException {
        Provenance now = Provenance.now(List.of(norm), engine, recipe, data);
        return cluster == null ? now : now.on(cluster.settings());
    }

    private Steps steps() {
        return cluster == null
                ? new LocalSteps(network, ReferenceCnn.normalizer(), data.train(), recipe)
                : cluster.steps(network, recipe, engine);
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
