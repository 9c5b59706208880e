package org.bncnn.eval;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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
     * Classifies every image of an epoch.
     *
     * @param network whose output is {@code [n, classes]}, probabilities
     * @param images gives features, labels {@code [n, classes]} one-hot, and the names of the classes; it is reset at the end
     * @throws IllegalArgumentException if the network has another number of classes
     * @throws org.deeplearning4j.exception.DL4JException if the images have another shape than the network takes
     */
    public static EvaluationResult evaluate(MultiLayerNetwork network, DataSetIterator images) {
        int classes = images.totalOutcomes();
        int[][] confusion = new int[classes][classes];
        double loss = 0;
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
                confusion[actual[i]][predicted[i]]++;
                loss -= Math.log(Math.max(probabilities.getDouble(i, actual[i]), SMALLEST_PROBABILITY));
            }
        }
        images.reset();
        return result(confusion, loss, images.getLabels());
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
