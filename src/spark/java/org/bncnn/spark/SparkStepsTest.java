package org.bncnn.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.bncnn.data.DatasetException;
import org.bncnn.data.DatasetLocator;
import org.bncnn.data.ImageDataset;
import org.bncnn.data.ImageSet;
import org.bncnn.data.ImageSetIterator;
import org.bncnn.data.Shards;
import org.bncnn.engine.Engine;
import org.bncnn.model.Norm;
import org.bncnn.model.Recipe;
import org.bncnn.model.ReferenceCnn;
import org.bncnn.store.JsonFile;
import org.bncnn.store.ModelFile;
import org.bncnn.train.ClusterSettings;
import org.bncnn.train.RunFolder;
import org.bncnn.train.Steps;
import org.bncnn.train.Training;
import org.bncnn.train.TrainingObserver;
import org.bncnn.train.TrainingResult;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeConvolutional;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;

class SparkStepsTest {
    private static final Recipe RECIPE =
            Recipe.REFERENCE.withEpochs(2).withBatchSize(8).withLearningRate(0.01);
    private static final int WORKERS = 2;

    /** A few roundings of float; after some thirty steps it is more, once a value falls on the other side of a ReLU. */
    private static final double ROUNDING = 1e-6;

    @TempDir
    private Path folder;

    private ImageDataset data;
    private Path shards;
    private Shards list;

    @BeforeEach
    void shard() throws IOException {
        data = DatasetLocator.sample();
        shards = Files.createDirectory(folder.resolve("shards"));
        list = Shards.write(data, 5, shards);
        JsonFile.write(shards.resolve(Shards.LIST), list);
    }

    /**
     * Averaging after each step is what one machine does with the batches of all as one; without BN, whose statistics
     * differ.
     */
    @Test
    void averagedAfterEachStepItIsTheTrainingOfOneMachine() throws IOException {
        MultiLayerNetwork network = network(Norm.NONE);
        MultiLayerNetwork expected = network(Norm.NONE);
        List<ImageSetIterator> iterators = List.of(iterator(0, 0, 2, 4), iterator(1, 1, 3));
        try (SparkCluster cluster = cluster(4, 1)) {
            Steps steps = cluster.steps(network, RECIPE, Engine.ONEDNN);
            for (int epoch = 0; epoch < 2; epoch++) {
                steps.startEpoch(epoch, 0);
                for (ImageSetIterator iterator : iterators) {
                    iterator.startEpoch(epoch, 0);
                }
                for (int step = 1; step <= 7; step++) {
                    assertThat(steps.next()).hasSize(WORKERS);
                    assertThat(steps.images()).isEqualTo(8 * step);
                    expected.fit(DataSet.merge(
                            iterators.stream().map(ImageSetIterator::next).toList()));
                }
            }
        }
        assertThat(distance(network.params(), expected.params())).isLessThan(ROUNDING);
        assertThat(distance(
                        network.getUpdater().getStateViewArray(),
                        expected.getUpdater().getStateViewArray()))
                .isLessThan(10 * ROUNDING); // velocities are sums of gradients, and small
        assertThat(network.getIterationCount()).isEqualTo(14);
    }

    @Test
    void eachImageIsTrainedOnceInAnEpoch() throws IOException {
        try (SparkCluster cluster = cluster(7, 6)) {
            Steps steps = cluster.steps(network(Norm.CUSTOM), RECIPE, Engine.ONEDNN);
            steps.startEpoch(0, 0);
            int batches = 0;
            while (steps.hasNext()) {
                batches += steps.next().length;
            }
            assertThat(steps.images()).isEqualTo(2000);
            assertThat(batches).isEqualTo(Batches.count(1200, 7) + Batches.count(800, 7));
        }
    }

    @Test
    void dealtAnewInEachEpochAllImagesAreTrainedAndOtherwiseThanBefore() throws IOException {
        List<INDArray> trained = new ArrayList<>();
        for (boolean repartition : new boolean[] {false, true, true}) {
            MultiLayerNetwork network = network(Norm.NONE);
            ClusterSettings settings =
                    ClusterSettings.on("local[2]", WORKERS).withBatchSize(50).withRepartition(repartition);
            try (SparkCluster cluster = new SparkCluster(settings, shards.toString())) {
                Steps steps = cluster.steps(network, RECIPE, Engine.ONEDNN);
                for (int epoch = 0; epoch < 3; epoch++) {
                    steps.startEpoch(epoch, 0);
                    while (steps.hasNext()) {
                        steps.next();
                    }
                    assertThat(steps.images()).isEqualTo(2000);
                }
            }
            trained.add(network.params());
        }
        assertThat(trained.get(1)).isEqualTo(trained.get(2)).isNotEqualTo(trained.get(0));
    }

    @Test
    void goesOnFromACheckpointToTheSameBits() throws IOException {
        RunFolder whole = run("whole", Integer.MAX_VALUE);
        run("stopped", 30);
        RunFolder resumed = run("stopped", Integer.MAX_VALUE);
        assertThat(ModelFile.load(resumed.model()).network().params())
                .isEqualTo(ModelFile.load(whole.model()).network().params());
        assertThat(resumed.evaluation()).isEqualTo(whole.evaluation());
        assertThat(resumed.metrics().losses()).isEqualTo(whole.metrics().losses());
        assertThat(resumed.metrics().layers()).isEqualTo(whole.metrics().layers());
    }

    @Test
    void aCorruptShardIsNamedOrLeftOut() throws IOException {
        Path broken = shards.resolve(list.train().get(3).images());
        byte[] bytes = Files.readAllBytes(broken);
        bytes[bytes.length / 2] ^= 1;
        Files.write(broken, bytes);
        assertThatThrownBy(() -> cluster(8, 5))
                .isInstanceOf(DatasetException.class)
                .hasMessageContainingAll(
                        broken.toString(), "is not what was written", "make the shards again", "--skip-corrupt");
        Files.delete(shards.resolve(list.train().get(4).labels()));
        try (SparkCluster cluster = new SparkCluster(
                ClusterSettings.on("local[2]", WORKERS).withBatchSize(8).withSkipCorrupt(true), shards.toString())) {
            assertThat(cluster.images()).isEqualTo(1200);
        }
    }

    @Test
    void whatIsNotThereIsSaidToBe() throws IOException {
        assertThatThrownBy(() -> new SparkCluster(ClusterSettings.on("local[2]", 6), shards.toString()))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("has 5 shards for 6 workers; make more");
        Files.delete(shards.resolve(Shards.LIST));
        assertThatThrownBy(() -> cluster(8, 5))
                .isInstanceOf(DatasetException.class)
                .hasMessageContainingAll("shards.json: cannot be read", "make shards with bncnn data --shard");
    }

    /** Stops after so many rounds. */
    private RunFolder run(String name, int rounds) throws IOException {
        RunFolder run = new RunFolder(Files.createDirectories(folder.resolve(name)));
        AtomicInteger asked = new AtomicInteger();
        try (SparkCluster cluster = cluster(8, 5)) {
            TrainingResult result = new Training(Norm.CUSTOM, RECIPE, cluster, Engine.ONEDNN, layer -> false)
                    .runWithCheckpoints(run, 40, 2, new TrainingObserver() {}, () -> asked.getAndIncrement() > rounds);
            assertThat(result.completed()).isEqualTo(rounds == Integer.MAX_VALUE);
        }
        return run;
    }

    /** {@return the L2 norm of the difference, relative to that of what is expected} */
    private static double distance(INDArray actual, INDArray expected) {
        return actual.sub(expected).norm2Number().doubleValue()
                / expected.norm2Number().doubleValue();
    }

    private SparkCluster cluster(int batchSize, int averageEvery) throws IOException {
        return new SparkCluster(
                ClusterSettings.on("local[2]", WORKERS).withBatchSize(batchSize).withAverageEvery(averageEvery),
                shards.toString());
    }

    private ImageSetIterator iterator(int worker, int... numbers) throws IOException {
        List<ImageSet> sets = new ArrayList<>();
        for (int number : numbers) {
            sets.add(list.read(list.train().get(number), new HadoopFolder(shards.toString())));
        }
        ImageSetIterator iterator =
                ImageSetIterator.shuffled(ImageSet.concatenate(sets), 4, 31 * RECIPE.seed() + worker);
        iterator.setPreProcessor(ReferenceCnn.normalizer());
        return iterator;
    }

    private static MultiLayerNetwork network(Norm norm) {
        return Engine.ONEDNN.apply(ReferenceCnn.initialise(ReferenceCnn.configuration(
                norm, (InputTypeConvolutional) InputType.convolutional(28, 28, 1), 10, RECIPE)));
    }
}
