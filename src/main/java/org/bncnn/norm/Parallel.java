package org.bncnn.norm;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ForkJoinPool;
import java.util.function.ObjIntConsumer;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.nd4j.linalg.factory.Nd4j;

/** Spreads work over the threads that ND4J may use, if there is enough of it. */
final class Parallel {
    /** For fewer values, a tenth of a millisecond's work, waking another thread costs as much as it saves. */
    private static final long FEWEST_VALUES = 1 << 18;

    /** Shares for each thread: the one that starts works on them while the others wake up. */
    private static final int SHARES_PER_THREAD = 4;

    private Parallel() {}

    /**
     * Works on the numbers 0, 1, …, {@code count} − 1, each thread with a worker of its own.
     *
     * @param values number of values in all
     */
    static <W> void forEach(int count, long values, Supplier<W> workers, ObjIntConsumer<W> work) {
        int threads = Math.min(Nd4j.getEnvironment().maxThreads(), ForkJoinPool.getCommonPoolParallelism() + 1);
        if (threads == 1 || count == 1 || values < FEWEST_VALUES) {
            W worker = workers.get();
            for (int number = 0; number < count; number++) {
                work.accept(worker, number);
            }
            return;
        }
        int shares = Math.min(count, threads * SHARES_PER_THREAD);
        Queue<W> idle = new ConcurrentLinkedQueue<>();
        IntStream.range(0, shares).parallel().forEach(share -> {
            W worker = idle.poll();
            if (worker == null) {
                worker = workers.get();
            }
            int end = (int) ((long) count * (share + 1) / shares);
            for (int number = (int) ((long) count * share / shares); number < end; number++) {
                work.accept(worker, number);
            }
            idle.add(worker);
        });
    }
}
