package org.bncnn.norm;

import java.util.function.ObjIntConsumer;
import java.util.function.Supplier;

/**
 * The fast kernel, for float arrays in which the values of a channel, or the channels of a position, lie side by side.
 * It is several times faster than {@link ReferenceKernel} and takes no masks; {@link FloatWorker} has the arithmetic.
 */
final class FloatKernel implements BatchNormKernel {
    private final Grouping grouping;

    FloatKernel(Grouping grouping) {
        this.grouping = grouping;
    }

    @Override
    public Statistics forwardTraining(ChannelView src, Affine affine, ChannelView dst) {
        Statistics statistics = new Statistics(new double[(int) src.channels()], new double[(int) src.channels()]);
        FloatMemory to = memory(dst);
        forEachGroup(src, workers(src), (worker, group) -> {
            worker.measure(group, statistics);
            worker.normalize(group, statistics, affine, to);
        });
        return statistics;
    }

    @Override
    public void forwardInference(ChannelView src, Statistics statistics, Affine affine, ChannelView dst) {
        FloatMemory to = memory(dst);
        forEachGroup(src, workers(src), (worker, group) -> worker.normalize(group, statistics, affine, to));
    }

    @Override
    public Gradients backward(
            ChannelView src,
            ChannelView diffDst,
            Statistics statistics,
            boolean ofBatch,
            Affine affine,
            ChannelView diffSrc) {
        Gradients gradients = new Gradients(new double[(int) src.channels()], new double[(int) src.channels()]);
        FloatMemory x = memory(src);
        FloatMemory dy = memory(diffDst);
        FloatMemory to = memory(diffSrc);
        forEachGroup(
                src,
                () -> new FloatWorker(grouping.channelsPerGroup(src), x, dy),
                (worker, group) -> worker.backward(group, statistics, ofBatch, affine, gradients, to));
        return gradients;
    }

    private Supplier<FloatWorker> workers(ChannelView src) {
        FloatMemory x = memory(src);
        return () -> new FloatWorker(grouping.channelsPerGroup(src), x);
    }

    private FloatMemory memory(ChannelView view) {
        return new FloatMemory(grouping.regroup(view));
    }

    private void forEachGroup(ChannelView view, Supplier<FloatWorker> workers, ObjIntConsumer<FloatWorker> work) {
        int groups = (int) view.channels() / grouping.channelsPerGroup(view);
        Parallel.forEach(groups, view.channels() * view.valuesPerChannel(), workers, work);
    }
}
