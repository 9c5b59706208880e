package org.bncnn.spark;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.bncnn.array.Floats;
import org.bncnn.backend.Backend;
import org.bncnn.data.ImageSet;
import org.bncnn.train.LocalSteps;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A copy of the network on a machine of the cluster, kept from round to round. What a round gives depends on its input
 * alone.
 */
final class Worker {
    private static final Map<String, Worker> WORKERS = new ConcurrentHashMap<>();

    private final Job job;
    private final ImageSet images;
    private final MultiLayerNetwork network;
    private final LocalSteps steps;

    private Worker(Job job, int number, ImageSet images) {
        this.job = job;
        this.images = images;
        MultiLayerNetwork plain = new MultiLayerNetwork(MultiLayerConfiguration.fromJson(job.configuration()));
        plain.init();
        this.network = job.engine().apply(plain);
        this.steps = new LocalSteps(
                network,
                images,
                job.recipe(),
                job.batchSize(),
                31 * job.recipe().seed() + number);
    }

    /**
     * {@return what this machine makes of a round}
     *
     * @param number of the worker, counted from 0
     * @throws IllegalStateException if the images are not as many as they were, because a shard has become unreadable
     *     since
     */
    static Contribution train(Job job, Round round, int number, Part part) {
        if (part.size() != round.sizes()[number]) {
            throw new IllegalStateException(String.join("; ", part.problems()));
        }
        Backend.start();
        WORKERS.keySet().removeIf(key -> !key.startsWith(job.id())); // a training that is over
        Worker worker = WORKERS.compute(
                job.id() + "/" + number,
                (key, known) -> known != null && known.images == part.images()
                        ? known
                        : new Worker(job, number, part.images()));
        return worker.train(round);
    }

    private Contribution train(Round round) {
        set(network.params(), round.parameters());
        INDArray updaterState = network.getUpdater().getStateViewArray();
        set(updaterState, round.updaterState());
        network.setIterationCount(round.iteration());
        network.setEpochCount(round.epoch());
        steps.startEpoch(round.epoch(), round.firstBatch());
        int before = steps.images();
        List<Double> losses = new ArrayList<>();
        while (steps.hasNext() && losses.size() < round.batches()) {
            losses.add(steps.next(Batches.nextSize(images.size() - steps.images(), job.batchSize())));
        }
        return new Contribution(
                steps.images() - before,
                losses.stream().mapToDouble(Double::doubleValue).toArray(),
                Floats.copyOf(network.params()),
                floats(updaterState));
    }

    /** {@return the values of an array}; none if there is no array */
    static float[] floats(INDArray array) {
        return array == null ? new float[0] : Floats.copyOf(array);
    }

    /** Gives an array its values; none if there is no array. */
    static void set(INDArray array, float[] values) {
        if (array != null) {
            Floats.of(array).write(values);
        }
    }
}
