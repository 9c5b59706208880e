package org.bncnn.train;

import java.util.ArrayList;
import java.util.List;
import org.bncnn.data.ImageSet;
import org.bncnn.data.ImageSetIterator;
import org.bncnn.model.Augmentation;
import org.bncnn.model.Recipe;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.DataSetPreProcessor;
import org.nd4j.linalg.dataset.api.preprocessor.CompositeDataSetPreProcessor;
import org.nd4j.linalg.dataset.api.preprocessor.DataNormalization;

/** The batches that a recipe trains on: shuffled anew each epoch, augmented, normalised, with smoothed labels. */
public final class TrainingBatches {
    private final ImageSetIterator images;
    private final Augmenter augmenter;

    /**
     * @param batchSize of these batches, whatever the recipe says
     * @param seed for their order and augmentation, whatever the recipe says
     */
    public TrainingBatches(ImageSet images, DataNormalization normalizer, Recipe recipe, int batchSize, long seed) {
        this.images = ImageSetIterator.shuffled(images, batchSize, seed);
        this.augmenter = new Augmenter(recipe.augmentation(), seed);
        List<DataSetPreProcessor> steps = new ArrayList<>();
        if (!recipe.augmentation().equals(Augmentation.NONE)) {
            steps.add(augmenter);
        }
        steps.add(normalizer);
        if (recipe.labelSmoothing() > 0) {
            steps.add(new LabelSmoothing(recipe.labelSmoothing()));
        }
        this.images.setPreProcessor(new CompositeDataSetPreProcessor(steps.toArray(DataSetPreProcessor[]::new)));
    }

    /** Goes into an epoch, counted from 0, behind so many of its batches. */
    public void startEpoch(int epoch, int batches) {
        images.startEpoch(epoch, batches);
        augmenter.startEpoch(epoch, batches);
    }

    public boolean hasNext() {
        return images.hasNext();
    }

    /** {@return the next batch} */
    public DataSet next() {
        return images.next();
    }

    /**
     * {@return the next batch}
     *
     * @param size so many images, or as many as are left
     */
    public DataSet next(int size) {
        return images.next(size);
    }

    /** {@return how many images of the epoch were given} */
    public int position() {
        return images.position();
    }
}
