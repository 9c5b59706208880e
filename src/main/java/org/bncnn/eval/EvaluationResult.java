package org.bncnn.eval;

import java.util.List;
import java.util.Objects;

/**
 * How well a network classified a set of images.
 *
 * @param images the number of images
 * @param accuracy share of images classified correctly, 0 to 1
 * @param loss the mean cross-entropy −ln p(true class), in nats
 * @param classes the results by class, in the order of their numbers
 * @param confusion {@code confusion.get(i).get(j)} is the number of images of class i that were classified as j
 */
public record EvaluationResult(
        int images, double accuracy, double loss, List<ClassResult> classes, List<List<Integer>> confusion) {
    /**
     * The result for one class. A ratio whose denominator is 0 is 0.
     *
     * @param name name of the class
     * @param images the number of images of this class
     * @param precision share of the images classified as this class that are of it
     * @param recall share of the images of this class that were classified as it
     * @param f1 the harmonic mean of precision and recall
     */
    public record ClassResult(String name, int images, double precision, double recall, double f1) {
        /** Checks the components. */
        public ClassResult {
            Objects.requireNonNull(name, "name");
        }
    }

    /** Checks the components and copies the lists. */
    public EvaluationResult {
        classes = List.copyOf(Objects.requireNonNull(classes, "classes"));
        confusion = Objects.requireNonNull(confusion, "confusion").stream()
                .map(List::copyOf)
                .toList();
        int size = classes.size();
        if (confusion.size() != size || confusion.stream().anyMatch(row -> row.size() != size)) {
            throw new IllegalArgumentException(
                    "confusion must have a row and a column for each of " + size + " classes");
        }
        if (images < 0 || confusion.stream().flatMap(List::stream).anyMatch(count -> count < 0)) {
            throw new IllegalArgumentException("numbers of images must be at least 0");
        }
        if (accuracy < 0 || accuracy > 1) {
            throw new IllegalArgumentException("accuracy must be a share, 0 to 1, not " + accuracy);
        }
    }
}
