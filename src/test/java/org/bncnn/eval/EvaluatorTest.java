package org.bncnn.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.bncnn.eval.EvaluationResult.ClassResult;
import org.bncnn.eval.EvaluationSummary.Measured;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

class EvaluatorTest {
    private static final List<String> NAMES = List.of("bag", "shoe", "hat");

    /**
     * Five images whose features are the probabilities the network gives: of bag, bag, shoe, shoe, shoe; none is a hat.
     */
    private static final float[][] PROBABILITIES = {
        {0.8f, 0.1f, 0.1f}, {0.2f, 0.3f, 0.5f}, {0.1f, 0.7f, 0.2f}, {0.3f, 0.6f, 0.1f}, {0.5f, 0.25f, 0.25f}
    };

    private static final int[] CLASSES = {0, 0, 1, 1, 1};

    @Test
    void countsWhatWasTakenForWhat() {
        EvaluationResult result = evaluate(2);
        assertThat(result.images()).isEqualTo(5);
        assertThat(result.accuracy()).isEqualTo(0.6);
        assertThat(result.confusion()).containsExactly(List.of(1, 0, 1), List.of(1, 2, 0), List.of(0, 0, 0));
        assertThat(result.classes())
                .containsExactly(
                        new ClassResult("bag", 2, 0.5, 0.5, 0.5),
                        new ClassResult("shoe", 3, 1, 2 / 3.0, 0.8),
                        new ClassResult("hat", 0, 0, 0, 0));
    }

    @Test
    void lossIsTheMeanCrossEntropy() {
        double sum = Math.log(0.8) + Math.log(0.2) + Math.log(0.7) + Math.log(0.6) + Math.log(0.25);
        assertThat(evaluate(2).loss()).isCloseTo(-sum / 5, within(1e-6));
    }

    @Test
    void batchesDoNotMatter() {
        assertThat(evaluate(5)).isEqualTo(evaluate(1));
    }

    @Test
    void theTextShowsEachClassAndTheMatrix() {
        assertThat(EvaluationText.render(evaluate(2))).isEqualToNormalizingNewlines("""
                        Accuracy on test set: 60.00 %
                        Loss: 0.8173 (5 images)

                        class  precision     recall         F1   images
                        bag      50.00 %    50.00 %    50.00 %        2
                        shoe    100.00 %    66.67 %    80.00 %        3
                        hat       0.00 %     0.00 %     0.00 %        0

                        Confusion matrix (rows: true class, columns: predicted class)
                                0  1  2
                        0 bag   1  0  1
                        1 shoe  1  2  0
                        2 hat   0  0  0""");
    }

    @Test
    void outputsThatAreNotFiniteHaveNoAccuracy() {
        EvaluationResult finite = evaluate(2);
        EvaluationResult nan = new EvaluationResult(5, 0.4, Double.NaN, finite.classes(), finite.confusion());
        assertThat(EvaluationText.render(nan)).isEqualTo("""
                        Accuracy on test set: not measured, because outputs of the network are not finite
                        Loss: NaN (5 images)""");
        assertThat(EvaluationText.render(
                        EvaluationSummary.of(List.of(new Measured("a", finite), new Measured("b", nan)))))
                .isEqualTo("""
                        a: accuracy 60.00 %, loss 0.8173
                        b: accuracy not measured, because outputs of the network are not finite, loss NaN
                        Accuracy on test set: no mean, because outputs of a network are not finite""");
    }

    @Test
    void ofManyClassesTheMostFrequentConfusionsAreShown() {
        int classes = 21;
        List<List<Integer>> confusion = new ArrayList<>();
        for (int i = 0; i < classes; i++) {
            List<Integer> row = new ArrayList<>(Collections.nCopies(classes, 0));
            row.set(i, 100);
            row.set((i + 1) % classes, i);
            confusion.add(row);
        }
        EvaluationResult result = new EvaluationResult(
                2310,
                0.9,
                0.5,
                IntStream.range(0, classes)
                        .mapToObj(i -> new ClassResult("name " + i, 100 + i, 1, 1, 1))
                        .toList(),
                confusion);
        List<String> lines = EvaluationText.render(result).lines().toList();
        assertThat(lines)
                .doesNotContain("Confusion matrix (rows: true class, columns: predicted class)")
                .endsWith("name 1      name 2                 1");
        int first = lines.indexOf("Most frequent confusions");
        assertThat(lines.subList(first, lines.size()))
                .hasSize(22)
                .startsWith(
                        "Most frequent confusions",
                        "true class  predicted class   images",
                        "name 20     name 0                20",
                        "name 19     name 20               19");
    }

    private static EvaluationResult evaluate(int batchSize) {
        MultiLayerNetwork identity = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .list()
                .layer(new LossLayer.Builder(LossFunction.MCXENT)
                        .activation(Activation.IDENTITY)
                        .build())
                .build());
        identity.init();
        INDArray labels = Nd4j.zeros(5, 3);
        for (int i = 0; i < 5; i++) {
            labels.putScalar(i, CLASSES[i], 1);
        }
        List<DataSet> images = new DataSet(Nd4j.create(PROBABILITIES), labels).asList();
        DataSetIterator iterator = new ListDataSetIterator<>(images, batchSize) {
            private static final long serialVersionUID = 1L;

            @Override
            public List<String> getLabels() {
                return NAMES;
            }
        };
        return Evaluator.evaluate(identity, iterator);
    }
}
