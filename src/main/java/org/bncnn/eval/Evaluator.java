package org.bncnn.eval;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import org.bncnn.eval.EvaluationResult.ClassResult;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;

/** Measures a network on labelled images. */
public final class Evaluator {
    /** Probabilities are taken as at least this, as in DL4J's {@code LossMCXENT}, so that the loss stays finite. */
    private static final double SMALLEST_PROBABILITY = 1e-10;

    private Evaluator() {}

    /**
     * An image that a network took for something else.
     *
     * @param image number of the image, counted from 0 in the order of the images
     * @param actual class of the image
     * @param predicted class that the network took it for
     * @param probability the network's probability of the predicted class, 0 to 1
     * @param actualProbability the network's probability of the actual class, 0 to 1
     */
    public record Mistake(int image, String actual, String predicted, double probability, double actualProbability) {}

    /** Receives one classified image after the other. */
    @FunctionalInterface
    private interface Classified {
        void accept(int image, int actual, int predicted, IntToDoubleFunction probabilities);
    }

    /**
     * Classifies every image of an epoch.
     *
     * @param network a network whose output is {@code [n, classes]}, probabilities
     * @param images features, labels {@code [n, classes]} one-hot, and the names of the classes; reset at the end
     * @return accuracy, loss and confusion matrix
     * @throws IllegalArgumentException if the network has another number of classes
     * @throws org.deeplearning4j.exception.DL4JException if the images have another shape than the network takes
     */
    public static EvaluationResult evaluate(MultiLayerNetwork network, DataSetIterator images) {
        int classes = images.totalOutcomes();
        int[][] confusion = new int[classes][classes];
        double[] loss = new double[1];
        classify(network, images, (image, actual, predicted, probabilities) -> {
            confusion[actual][predicted]++;
            loss[0] -= Math.log(Math.max(probabilities.applyAsDouble(actual), SMALLEST_PROBABILITY));
        });
        return result(confusion, loss[0], images.getLabels());
    }

    /**
     * {@return the mistakes that a network is surest of}, the surest first
     *
     * @param network a network whose output is {@code [n, classes]}, probabilities
     * @param images the images in their own order; reset at the end
     * @param most the largest number of mistakes
     */
    public static List<Mistake> surestMistakes(MultiLayerNetwork network, DataSetIterator images, int most) {
        List<String> names = images.getLabels();
        List<Mistake> mistakes = new ArrayList<>();
        classify(network, images, (image, actual, predicted, probabilities) -> {
            if (actual != predicted) {
                mistakes.add(new Mistake(
                        image,
                        names.get(actual),
                        names.get(predicted),
                        probabilities.applyAsDouble(predicted),
                        probabilities.applyAsDouble(actual)));
            }
        });
        mistakes.sort(Comparator.comparingDouble(Mistake::probability).reversed());
        return List.copyOf(mistakes.subList(0, Math.min(most, mistakes.size())));
    }

    private static void classify(MultiLayerNetwork network, DataSetIterator images, Classified each) {
        int classes = images.totalOutcomes();
        int first = 0;
        while (images.hasNext()) {
            DataSet batch = images.next();
            INDArray probabilities = network.output(batch.getFeatures());
            if (probabilities.size(1) != classes) {
                throw new IllegalArgumentException(
                        "the network tells " + probabilities.size(1) + " classes apart, the images have " + classes);
            }
            int[] actual = batch.getLabels().argMax(1).toIntVector();
            int[] predicted = probabilities.argMax(1).toIntVector();
            for (int i = 0; i < actual.length; i++) {
                int row = i;
                each.accept(first + i, actual[i], predicted[i], c -> probabilities.getDouble(row, c));
            }
            first += actual.length;
        }
        images.reset();
    }

    private static EvaluationResult result(int[][] confusion, double loss, List<String> names) {
        int correct = 0;
        int all = 0;
        List<ClassResult> classes = new ArrayList<>();
        for (int c = 0; c < confusion.length; c++) {
            int ofClass = Arrays.stream(confusion[c]).sum();
            int asClass = 0;
            for (int[] row : confusion) {
                asClass += row[c];
            }
            int hits = confusion[c][c];
            classes.add(new ClassResult(
                    names.get(c),
                    ofClass,
                    ratio(hits, asClass),
                    ratio(hits, ofClass),
                    ratio(2 * hits, asClass + ofClass)));
            correct += hits;
            all += ofClass;
        }
        List<List<Integer>> rows = Arrays.stream(confusion)
                .map(row -> Arrays.stream(row).boxed().toList())
                .toList();
        return new EvaluationResult(all, ratio(correct, all), loss / all, classes, rows);
    }

    private static double ratio(int part, int whole) {
        return whole == 0 ? 0 : (double) part / whole;
    }
}
