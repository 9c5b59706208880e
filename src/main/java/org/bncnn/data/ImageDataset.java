package org.bncnn.data;

import java.util.Arrays;
import java.util.Map;

/**
 * Training and test images of the same shape and the same classes.
 *
 * @param name of the dataset in output and provenance
 * @param location that it was read from
 * @param train images to learn from
 * @param validation images of the dataset's own to make choices by; null if there are none
 * @param test images to measure on
 * @param sha256 of each file's content in hexadecimal, by file name
 * @param inversion that makes other images like these; if it is {@link Inversion#ALWAYS}, all of these have been
 *     inverted
 */
public record ImageDataset(
        String name,
        String location,
        ImageSet train,
        ImageSet validation,
        ImageSet test,
        Map<String, String> sha256,
        Inversion inversion) {
    /** Which images are held out does not depend on a training's seed, so that trainings can be compared. */
    private static final long HOLD_OUT_SEED = 1;

    /**
     * {@return the same dataset for a network that sees images inverted, or not}
     *
     * @param chosen which images are inverted; those of the dataset only with {@link Inversion#ALWAYS}. Null changes
     *     nothing
     */
    public ImageDataset with(Inversion chosen) {
        if (chosen == null) {
            return this;
        }
        boolean change = chosen == Inversion.ALWAYS ^ inversion == Inversion.ALWAYS;
        Inversion done = change ? Inversion.ALWAYS : Inversion.NEVER;
        ImageSet own = validation == null ? null : validation.inverted(done);
        return new ImageDataset(name, location, train.inverted(done), own, test.inverted(done), sha256, chosen);
    }

    /**
     * {@return the test images as a model takes them} Images that have the model's inversion already stay as they are.
     *
     * @param inversion of the model
     */
    public ImageSet testFor(Inversion inversion) {
        return inversion == this.inversion ? test : test.inverted(inversion);
    }

    /**
     * {@return the same dataset with validation images instead of the test images}: its own, or else training images
     * that are held out. They come from a permutation that is the same each time. A choice made by looking at them
     * leaves the test images unseen.
     *
     * @param images number of validation images, at least 1
     * @throws DatasetException if it has validation images, but fewer; or if fewer than two would be left to train on
     */
    public ImageDataset holdOut(int images) throws DatasetException {
        if (validation != null) {
            return new ImageDataset(name, location, train, null, ownValidation(images), sha256, inversion);
        }
        int left = train.size() - images;
        if (left < 2) {
            throw new DatasetException(location + ": of " + train.size() + " training images " + images
                    + " cannot be held out for validation; choose fewer with --validation");
        }
        int[] order = ImageSet.shuffled(train.size(), HOLD_OUT_SEED);
        return new ImageDataset(
                name,
                location,
                train.select(Arrays.copyOf(order, left)),
                null,
                train.select(Arrays.copyOfRange(order, left, order.length)),
                sha256,
                inversion);
    }

    private ImageSet ownValidation(int images) throws DatasetException {
        if (images > validation.size()) {
            throw new DatasetException(location + ": has " + validation.size() + " validation images of its own, not "
                    + images + "; choose fewer with --validation");
        }
        return validation.select(Arrays.copyOf(ImageSet.shuffled(validation.size(), HOLD_OUT_SEED), images));
    }
}
