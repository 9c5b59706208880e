package org.bncnn.eval;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;

/**
 * An image that a network took for something else.
 *
 * @param image its number, counted from 0 in the order of the images
 * @param actual the class it is of
 * @param predicted the class it was taken for
 * @param probability that the network gave to that
 * @param actualProbability that it gave to the right one
 */
public record Mistake(int image, String actual, String predicted, double probability, double actualProbability) {
    /**
     * {@return the mistakes that a network is surest of}, the surest first
     *
     * @param images in their own order; they are reset at the end
     * @param most so many, or as many as there are
     */
    public static List<Mistake> surest(MultiLayerNetwork network, DataSetIterator images, int most) {
        List<Mistake> mistakes = new ArrayList<>();
        int first = 0;
        while (images.hasNext()) {
            DataSet batch = images.next();
            INDArray probabilities = network.output(batch.getFeatures());
            int[] actual = batch.getLabels().argMax(1).toIntVector();
            int[] predicted = probabilities.argMax(1).toIntVector();
            for (int i = 0; i < actual.length; i++) {
                if (actual[i] != predicted[i]) {
                    mistakes.add(new Mistake(
                            first + i,
                            images.getLabels().get(actual[i]),
                            images.getLabels().get(predicted[i]),
                            probabilities.getDouble(i, predicted[i]),
                            probabilities.getDouble(i, actual[i])));
                }
            }
            first += actual.length;
        }
        images.reset();
        mistakes.sort(Comparator.comparingDouble(Mistake::probability).reversed());
        return List.copyOf(mistakes.subList(0, Math.min(most, mistakes.size())));
    }
}
