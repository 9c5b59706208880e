package org.bncnn.data;

import java.util.Arrays;
import java.util.Map;

/**
 * Training and test images of the same shape and the same classes.
 *
 * @param name what the dataset is called in output and provenance
 * @param location where it was read from
 * @param train the images to learn from
 * @param validation images that the dataset brings for choices to be made by; null if it brings none
 * @param test the images to measure on
 * @param sha256 of each file's content in hexadecimal, by file name
 */
public record ImageDataset(
        String name, String location, ImageSet train, ImageSet validation, ImageSet test, Map<String, String> sha256) {
    /** Which images are held out does not depend on a training's seed, so that trainings can be compared. */
    private static final long HOLD_OUT_SEED = 1;

    public ImageDataset {
        sha256 = Map.copyOf(sha256);
    }

    /** Without validation images of its own. */
    public ImageDataset(String name, String location, ImageSet train, ImageSet test, Map<String, String> sha256) {
        this(name, location, train, null, test, sha256);
    }

    /**
     * {@return the same dataset with validation images instead of the test images}: its own, or else training images that are held out.
     * They are taken from a permutation that is the same each time. What is chosen by looking at them leaves the test images unseen.
     *
     * @param images number of validation images, at least 1
     * @throws DatasetException if it has validation images, but fewer; or if fewer than two would be left to train on
     */
    public ImageDataset holdOut(int images) throws DatasetException {
        if (validation != null) {
            return new ImageDataset(name, location, train, ownValidation(images), sha256);
        }
        int left = train.size() - images;
        if (left < 2) {
            throw new DatasetException(location + ": of " + train.size() + " training images " + images
                    + " cannot be held out for validation; choose fewer with --validation");
        }
        int[] order = Permutation.of(train.size(), HOLD_OUT_SEED);
        return new ImageDataset(
                name,
                location,
                train.select(Arrays.copyOf(order, left)),
                train.select(Arrays.copyOfRange(order, left, order.length)),
                sha256);
    }

    private ImageSet ownValidation(int images) throws DatasetException {
        if (images > validation.size()) {
            throw new DatasetException(location + ": has " + validation.size() + " validation images of its own, not "
                    + images + "; choose fewer with --validation");
        }
        return validation.select(Arrays.copyOf(Permutation.of(validation.size(), HOLD_OUT_SEED), images));
    }
}
