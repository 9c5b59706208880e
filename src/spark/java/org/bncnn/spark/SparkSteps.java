package org.bncnn.spark;

import java.io.IOException;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.bncnn.array.Floats;
import org.bncnn.engine.Engine;
import org.bncnn.model.Recipe;
import org.bncnn.train.ClusterSettings;
import org.bncnn.train.Steps;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Steps of several batches on each worker of a Spark cluster, at whose end their copies of the network are averaged.
 *
 * <p>The images stay in the workers' memory from round to round. A worker that is lost is replaced: Spark reads its
 * images again from their files and repeats its part of the round, which gives the same again.
 */
final class SparkSteps implements Steps {
    private final JavaSparkContext spark;
    private final Dealing dealing;
    private final long seed;
    private final ClusterSettings settings;
    private final MultiLayerNetwork network;
    private final Averaging averaging;
    private final Broadcast<Job> job;
    private int epoch;
    private int done;
    private int images;

    SparkSteps(
            JavaSparkContext spark,
            Dealing dealing,
            ClusterSettings settings,
            MultiLayerNetwork network,
            Recipe recipe,
            Engine engine) {
        this.spark = spark;
        this.dealing = dealing;
        this.seed = recipe.seed();
        this.settings = settings;
        this.network = network;
        this.averaging = new Averaging(network);
        this.job = spark.broadcast(new Job(
                UUID.randomUUID().toString(),
                network.getLayerWiseConfigurations().toJson(),
                engine,
                settings.batchSize(),
                recipe));
    }

    @Override
    public void startEpoch(int epoch, int batches) throws IOException {
        dealing.deal(epoch, seed);
        this.epoch = epoch;
        done = 0;
        images = 0;
        for (int trained = 0; trained < batches && hasNext(); ) { // with a shard less there may be fewer
            trained += batchesOfRound();
            advance();
        }
    }

    /** {@return how many batches all workers train in the next round} */
    private int batchesOfRound() {
        return Arrays.stream(dealing.sizes()).map(this::batchesOfRound).sum();
    }

    private int batchesOfRound(int size) {
        int left = Batches.count(size, settings.batchSize()) - done;
        return Math.max(0, Math.min(settings.averageEvery(), left));
    }

    private void advance() {
        done += settings.averageEvery();
        images = Arrays.stream(dealing.sizes())
                .map(size -> done < Batches.count(size, settings.batchSize()) ? done * settings.batchSize() : size)
                .sum();
    }

    @Override
    public boolean hasNext() {
        return batchesOfRound() > 0;
    }

    @Override
    public double[] next() throws IOException {
        INDArray updaterState = network.getUpdater().getStateViewArray();
        Broadcast<Round> round = spark.broadcast(new Round(
                epoch,
                dealing.sizes(),
                done,
                settings.averageEvery(),
                Floats.copyOf(network.params()),
                Worker.floats(updaterState),
                network.getIterationCount()));
        List<Contribution> copies = train(dealing.parts(), job, round).stream()
                .filter(copy -> copy.images() > 0)
                .toList();
        round.destroy();
        Worker.set(network.params(), averaging.parameters(copies));
        Worker.set(updaterState, Averaging.updaterState(copies));
        int steps = copies.stream().mapToInt(copy -> copy.losses().length).max().orElse(0);
        network.setIterationCount(network.getIterationCount() + steps);
        advance();
        return copies.stream()
                .flatMapToDouble(copy -> Arrays.stream(copy.losses()))
                .toArray();
    }

    /** Static, so that what is sent to the workers is the job and not this object. */
    private static List<Contribution> train(JavaRDD<Part> parts, Broadcast<Job> job, Broadcast<Round> round)
            throws IOException {
        return collect(parts.mapPartitionsWithIndex(
                (number, part) -> Collections.singleton(Worker.train(job.value(), round.value(), number, part.next()))
                        .iterator(),
                true));
    }

    /**
     * {@return what the cluster computes}
     *
     * @throws IOException if it gives up, with what it says first
     */
    static <T> List<T> collect(JavaRDD<T> results) throws IOException {
        try {
            return results.collect();
        } catch (Exception e) { // Scala throws checked exceptions without declaring them
            throw new IOException(
                    "the cluster gave up: "
                            + String.valueOf(e.getMessage()).lines().findFirst().orElse(""),
                    e);
        }
    }

    @Override
    public int images() {
        return images;
    }
}
