package org.bncnn.eval;

import java.util.List;

/**
 * How well a network classified a set of images.
 *
 * @param images how many images there were
 * @param accuracy the share classified correctly, 0 to 1
 * @param loss the mean cross-entropy −ln p(true class), in nats
 * @param classes a row for each class, in the order of their numbers
 * @param confusion {@code confusion.get(i).get(j)} images of class i were classified as j
 */
public record EvaluationResult(
        int images, double accuracy, double loss, List<ClassResult> classes, List<List<Integer>> confusion) {
    /**
     * How well one class was told from the others. A ratio without cases is 0.
     *
     * @param name of the class
     * @param images how many images are of this class
     * @param precision of the images classified as this class, the share that are of it
     * @param recall of the images of this class, the share classified as it
     * @param f1 the harmonic mean of precision and recall
     */
    public record ClassResult(String name, int images, double precision, double recall, double f1) {}

    public EvaluationResult {
        classes = List.copyOf(classes);
        confusion = confusion.stream().map(List::copyOf).toList();
    }
}
