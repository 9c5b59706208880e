package org.bncnn.data;

import java.util.Map;

/**
 * Training and test images of the same shape and the same classes.
 *
 * @param name what the dataset is called in output and provenance
 * @param location where it was read from
 * @param train the images to learn from
 * @param test the images to measure on
 * @param sha256 of each file's content in hexadecimal, by file name
 */
public record ImageDataset(String name, String location, ImageSet train, ImageSet test, Map<String, String> sha256) {
    public ImageDataset {
        sha256 = Map.copyOf(sha256);
    }
}
