package org.bncnn.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.deeplearning4j.optimize.listeners.CollectScoresIterationListener;
import org.deeplearning4j.optimize.listeners.PerformanceListener;
import org.deeplearning4j.optimize.listeners.ScoreIterationListener;
import org.deeplearning4j.optimize.listeners.TimeIterationListener;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.learning.config.Sgd;

/** Training listeners are told what DL4J tells them. */
class ListenersTest {
    private final MultiLayerNetwork dl4j = Networks.random(Networks.cnn(new Sgd(0.1)));
    private final OneDnnNetwork plan = OneDnnNetwork.accelerate(dl4j);
    private final DataSet batch = Networks.cnnBatch(6);

    @Test
    void scores() {
        CollectScoresIterationListener expected = new CollectScoresIterationListener(1);
        CollectScoresIterationListener actual = new CollectScoresIterationListener(1);
        dl4j.setListeners(expected);
        plan.setListeners(actual, new ScoreIterationListener(1), new PerformanceListener(1));
        for (int i = 0; i < 10; i++) {
            dl4j.fit(batch);
            plan.fit(batch);
        }
        assertThat(actual.getScoreVsIter().getEffectiveIndexes())
                .hasSize(10)
                .isEqualTo(expected.getScoreVsIter().getEffectiveIndexes());
        double[] scores = expected.getScoreVsIter().getEffectiveScores();
        assertThat(actual.getScoreVsIter().getEffectiveScores())
                .containsExactly(scores, within(Parity.TOLERANCE * scores[0]));
    }

    @Test
    void theSameCallsInTheSameOrder() {
        Recorder expected = new Recorder();
        Recorder actual = new Recorder();
        dl4j.setListeners(expected);
        plan.setListeners(actual);
        dl4j.fit(batch);
        plan.fit(batch);
        assertThat(actual.calls).isEqualTo(expected.calls).contains("backward", "iteration 0", "gradient");
    }

    @Test
    void oneThatWantsActivationsGetsThem() {
        Activations expected = new Activations();
        Activations actual = new Activations();
        dl4j.setListeners(expected);
        plan.setListeners(actual);
        dl4j.fit(batch);
        plan.fit(batch);
        assertThat(actual.shapes).isNotEmpty().isEqualTo(expected.shapes);
        assertThat(plan.params()).isEqualTo(dl4j.params());
    }

    @Test
    void onlyActivationsCannotBeHadFromAPlan() {
        assertThat(OneDnnNetwork.wantActivations(
                        List.of(new Recorder(), new ScoreIterationListener(1), new TimeIterationListener(1))))
                .isFalse();
        assertThat(OneDnnNetwork.wantActivations(List.of(new Recorder(), new Activations())))
                .isTrue();
        assertThat(OneDnnNetwork.wantActivations(List.of(new ActivationsOfAGraph())))
                .isTrue();
    }

    private static class Recorder extends BaseTrainingListener {
        private final List<String> calls = new ArrayList<>();

        @Override
        public void onBackwardPass(Model model) {
            calls.add("backward");
        }

        @Override
        public void onGradientCalculation(Model model) {
            calls.add("gradient");
        }

        @Override
        public void iterationDone(Model model, int iteration, int epoch) {
            calls.add("iteration " + iteration);
        }
    }

    private static final class Activations extends BaseTrainingListener {
        private final List<List<Long>> shapes = new ArrayList<>();

        @Override
        public void onForwardPass(Model model, List<INDArray> activations) {
            for (INDArray each : activations) {
                shapes.add(Arrays.stream(each.shape()).boxed().toList());
            }
        }
    }

    private static final class ActivationsOfAGraph extends BaseTrainingListener {
        @Override
        public void onForwardPass(Model model, Map<String, INDArray> activations) {}
    }
}
