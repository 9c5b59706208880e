package org.bncnn.train;

import java.io.IOException;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.bncnn.data.DatasetException;
import org.bncnn.data.ImageDataset;
import org.bncnn.data.ImageSet;
import org.bncnn.engine.Engine;
import org.bncnn.model.Norm;
import org.bncnn.model.Recipe;
import org.bncnn.model.ReferenceCnn;
import org.bncnn.store.ModelFile;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeConvolutional;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/** A whole run: makes the reference CNN for a dataset, trains it, and leaves model, metrics and provenance in a run folder. */
public final class Training {
    private final Norm norm;
    private final Recipe recipe;
    private final ImageDataset data;
    private final Engine engine;
    private final ModelFile model;

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
        this.norm = norm;
        this.engine = engine;
        this.recipe = recipe;
        this.data = data;
        ImageSet images = data.train();
        if (norm != Norm.NONE && images.size() % recipe.batchSize() == 1 % recipe.batchSize()) {
            throw new DatasetException(data.location() + ": with batches of " + recipe.batchSize() + " the last of "
                    + images.size()
                    + " training images is a batch of its own, and batch normalization cannot train on one"
                    + " image; choose another --batch-size");
        }
        var input = InputType.convolutional(images.height(), images.width(), images.channels());
        try {
            MultiLayerNetwork network = ReferenceCnn.initialise(ReferenceCnn.configuration(
                    norm, (InputTypeConvolutional) input, images.classNames().size(), recipe));
            model = new ModelFile(engine.apply(network, ownCode), ReferenceCnn.normalizer());
        } catch (IllegalArgumentException e) {
            throw new DatasetException(data.location() + ": " + e.getMessage(), e);
        }
    }

    /** {@return the network that is trained} */
    public MultiLayerNetwork network() {
        return model.network();
    }

    /**
     * Runs.
     *
     * @param folder new and empty
     * @param observer is told how it goes, beside the run folder's metrics
     * @param stopRequested is asked before each batch; once it says yes, the network is measured and saved as it is
     * @throws DivergedException if the loss is not finite; the metrics are kept then
     * @throws IOException if the run folder cannot be written
     */
    public TrainingResult run(RunFolder folder, TrainingObserver observer, BooleanSupplier stopRequested)
            throws IOException {
        folder.write(Provenance.now(List.of(norm), engine, recipe, data));
        TrainingResult result;
        try (MetricsFile metrics = new MetricsFile(folder.metrics())) {
            TrainingObserver both = new TrainingObservers(List.of(metrics, observer));
            result = new Trainer(network(), model.normalizer(), data, recipe, both, stopRequested).train();
        }
        folder.write(model);
        folder.write(result.test());
        return result;
    }
}
