package org.bncnn.norm;

import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ForkJoinPool;
import java.util.function.IntConsumer;
import java.util.function.ObjIntConsumer;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The fast kernel, for float arrays whose values lie side by side in groups. It is several times faster than
 * {@link ReferenceKernel} and takes no masks. {@link FloatWorker} has the arithmetic.
 *
 * <p>In NCHW and its kin each channel is a group. In rank 2, NHWC and their kin the channels of a position lie side by
 * side; all channels are then one group, in which they take turns.
 */
final class FloatKernel implements BatchNormKernel {
    /** For fewer values, a tenth of a millisecond's work, waking another thread costs as much as it saves. */
    private static final long FEWEST_VALUES = 1 << 18;

    /** Shares for each thread: the one that starts works on them while the others wake up. */
    private static final int SHARES_PER_THREAD = 4;

    private final boolean channelsLast;

    /** @param channelsLast whether the channels of a position lie side by side, and not the positions of a channel */
    FloatKernel(boolean channelsLast) {
        this.channelsLast = channelsLast;
    }

    /** {@return the kernel for arrays; empty if they do not lie alike or are not float} */
    static Optional<BatchNormKernel> of(ChannelView... views) {
        if (Stream.of(views).anyMatch(view -> view.buffer().dataType() != DataType.FLOAT)) {
            return Optional.empty();
        }
        if (Stream.of(views).allMatch(view -> view.positionStride() == 1)) {
            return Optional.of(new FloatKernel(false));
        }
        return Stream.of(views).allMatch(FloatKernel::hasAdjacentChannels)
                ? Optional.of(new FloatKernel(true))
                : Optional.empty();
    }

    private static boolean hasAdjacentChannels(ChannelView view) {
        return view.channelStride() == 1 && (view.batch() == 1 || view.positionStride() == view.channels());
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
                () -> new FloatWorker(channelsPerGroup(src), x, dy),
                (worker, group) -> worker.backward(group, statistics, ofBatch, affine, gradients, to));
        return gradients;
    }

    private Supplier<FloatWorker> workers(ChannelView src) {
        FloatMemory x = memory(src);
        return () -> new FloatWorker(channelsPerGroup(src), x, null);
    }

    private int channelsPerGroup(ChannelView view) {
        return channelsLast ? Math.toIntExact(view.channels()) : 1;
    }

    /** {@return the memory of an array by groups}: a group's values are the positions of one channel */
    private FloatMemory memory(ChannelView view) {
        if (!channelsLast) {
            return new FloatMemory(view);
        }
        boolean adjacent = view.positionStride() == view.channels();
        return new FloatMemory(new ChannelView(
                view.buffer(),
                adjacent ? view.batch() : view.positions(),
                adjacent ? view.batchStride() : view.positionStride(),
                1,
                0,
                adjacent ? view.positions() * view.channels() : view.channels(),
                1));
    }

    /** Works on all groups, on the threads that ND4J may use if there is enough work; each has a worker of its own. */
    private void forEachGroup(ChannelView view, Supplier<FloatWorker> workers, ObjIntConsumer<FloatWorker> work) {
        int groups = (int) view.channels() / channelsPerGroup(view);
        int threads = Math.min(Nd4j.getEnvironment().maxThreads(), ForkJoinPool.getCommonPoolParallelism() + 1);
        boolean alone = threads == 1 || view.channels() * view.valuesPerChannel() < FEWEST_VALUES;
        int shares = alone ? 1 : Math.min(groups, threads * SHARES_PER_THREAD);
        Queue<FloatWorker> idle = new ConcurrentLinkedQueue<>();
        IntConsumer run = share -> {
            FloatWorker waiting = idle.poll();
            FloatWorker worker = waiting == null ? workers.get() : waiting;
            int end = (int) ((long) groups * (share + 1) / shares);
            for (int group = (int) ((long) groups * share / shares); group < end; group++) {
                work.accept(worker, group);
            }
            idle.add(worker);
        };
        if (shares == 1) {
            run.accept(0);
        } else {
            IntStream.range(0, shares).parallel().forEach(run);
        }
    }
}
