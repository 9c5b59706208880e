package org.bncnn.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.bncnn.data.DatasetLocator;
import org.bncnn.data.ImageDataset;
import org.bncnn.model.Norm;
import org.bncnn.model.Recipe;
import org.bncnn.model.ReferenceCnn;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeConvolutional;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class TrainerTest {
    private static final BooleanSupplier NEVER = () -> false;
    private static ImageDataset data;

    private final Recorder recorder = new Recorder();

    @BeforeAll
    static void loadSample() throws IOException {
        data = DatasetLocator.sample();
    }

    @Test
    void twoEpochsOfTheSampleTeachTheNetworkAndAreReported() throws IOException {
        Recipe recipe = Recipe.REFERENCE.withEpochs(2).withBatchSize(8).withLearningRate(0.01);
        MultiLayerNetwork network = network(Norm.BUILTIN, recipe);
        TrainingResult result = trainer(network, recipe, NEVER).train();
        assertThat(result.completed()).isTrue();
        assertThat(result.epochs()).hasSize(2).isEqualTo(recorder.epochs);
        assertThat(result.test().accuracy())
                .isGreaterThan(0.7)
                .isEqualTo(result.epochs().get(1).measured().accuracy());
        assertThat(result.epochs().get(1).trainLoss())
                .isLessThan(result.epochs().get(0).trainLoss());
        assertThat(recorder.reports).containsExactly("1 200", "2 200");
        assertThat(recorder.images).hasSize(500).startsWith(8, 16).endsWith(1992, 2000);
        assertThat(network.getEpochCount()).isEqualTo(2);
        assertThat(network.getIterationCount()).isEqualTo(500);
    }

    @Test
    void theTestImagesCanWaitUntilTheEnd() throws IOException {
        Recipe recipe = Recipe.REFERENCE.withEpochs(2).withLearningRate(0.01).withTestAtEnd(true);
        TrainingResult result =
                trainer(network(Norm.BUILTIN, recipe), recipe, NEVER).train();
        assertThat(result.epochs()).hasSize(2).allMatch(epoch -> epoch.measured() == null);
        assertThat(result.test().images()).isEqualTo(1000);
    }

    @Test
    void lossesAreWithoutThePenaltyOfWeightDecay() throws IOException {
        Recipe plain = Recipe.REFERENCE
                .withEpochs(1)
                .withBatchSize(2000)
                .withLearningRate(1e-9)
                .withMomentum(0);
        Recipe decaying = Recipe.REFERENCE
                .withEpochs(1)
                .withBatchSize(2000)
                .withLearningRate(1e-9)
                .withMomentum(0)
                .withWeightDecay(0.5);
        double loss = trainer(network(Norm.NONE, plain), plain, NEVER)
                .train()
                .epochs()
                .get(0)
                .trainLoss();
        assertThat(trainer(network(Norm.NONE, decaying), decaying, NEVER)
                        .train()
                        .epochs()
                        .get(0)
                        .trainLoss())
                .isCloseTo(loss, within(1e-5));
    }

    /** 500 batches of 4: the last report is of the second 200, the epoch's mean of all. */
    @Test
    void lossesAreMeansOverTheirBatches() throws IOException {
        Recipe recipe = Recipe.REFERENCE.withEpochs(1).withBatchSize(4).withLearningRate(0.01);
        List<Double> losses = new ArrayList<>();
        MultiLayerNetwork network = network(Norm.NONE, recipe);
        recorder.afterBatch = () -> losses.add(network.score());
        EpochResult epoch = trainer(network, recipe, NEVER).train().epochs().get(0);
        assertThat(recorder.meanLoss).isCloseTo(mean(losses.subList(200, 400)), within(1e-9));
        assertThat(epoch.trainLoss()).isCloseTo(mean(losses), within(1e-9));
    }

    @Test
    void theSameSeedGivesTheSameParametersToTheBit() throws IOException {
        Recipe recipe = Recipe.REFERENCE.withEpochs(1).withLearningRate(0.01).withSeed(3);
        MultiLayerNetwork first = network(Norm.BUILTIN, recipe);
        MultiLayerNetwork second = network(Norm.BUILTIN, recipe);
        trainer(first, recipe, NEVER).train();
        trainer(second, recipe, NEVER).train();
        assertThat(second.params().toFloatVector())
                .containsExactly(first.params().toFloatVector());
    }

    @Test
    void aStopEndsTheTrainingAfterTheBatchAndTheNetworkIsMeasured() throws IOException {
        Recipe recipe = Recipe.REFERENCE.withEpochs(5).withLearningRate(0.01);
        MultiLayerNetwork network = network(Norm.NONE, recipe);
        TrainingResult result =
                trainer(network, recipe, () -> recorder.images.size() == 40).train();
        assertThat(result.completed()).isFalse();
        assertThat(recorder.images).hasSize(40);
        assertThat(result.epochs()).hasSize(1);
        assertThat(result.test().images()).isEqualTo(1000);
        assertThat(network.getIterationCount()).isEqualTo(40);
    }

    @Test
    void aLossThatIsNotFiniteEndsTheTraining() {
        Recipe recipe = Recipe.REFERENCE.withEpochs(3).withLearningRate(1e30);
        assertThatThrownBy(
                        () -> trainer(network(Norm.NONE, recipe), recipe, NEVER).train())
                .isInstanceOf(DivergedException.class)
                .hasMessageContaining("try a smaller --learning-rate");
    }

    private Trainer trainer(MultiLayerNetwork network, Recipe recipe, BooleanSupplier stopRequested) {
        return new Trainer(network, data, recipe, recorder, stopRequested);
    }

    private static MultiLayerNetwork network(Norm norm, Recipe recipe) {
        return ReferenceCnn.initialise(ReferenceCnn.configuration(
                norm, (InputTypeConvolutional) InputType.convolutional(28, 28, 1), 10, recipe));
    }

    private static double mean(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
    }

    /** Keeps what it was told. */
    private static final class Recorder implements TrainingObserver {
        private final List<Integer> images = new ArrayList<>();
        private final List<String> reports = new ArrayList<>();
        private final List<EpochResult> epochs = new ArrayList<>();
        private double meanLoss;
        private Runnable afterBatch = () -> {};

        @Override
        public void batchTrained(int epoch, int imagesSoFar) {
            images.add(imagesSoFar);
            afterBatch.run();
        }

        @Override
        public void lossReported(int epoch, int batch, double mean) {
            reports.add(epoch + " " + batch);
            meanLoss = mean;
        }

        @Override
        public void epochEnded(EpochResult result) {
            epochs.add(result);
        }
    }
}
