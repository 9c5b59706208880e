package org.bncnn.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.bncnn.bench.Workload.Task;
import org.bncnn.data.ImageSet;
import org.bncnn.model.Norm;
import org.bncnn.model.Recipe;

/**
 * What is to be measured.
 *
 * @param implementations implementations in the order of their runs
 * @param norms norms of the networks, at least one
 * @param tasks tasks that are timed
 * @param growth whether training and evaluation are also measured while one size grows, with one of the norms
 * @param threads threads that each implementation may use, 1 to {@value #MOST_THREADS}
 * @param timing how long is measured
 */
public record BenchmarkPlan(
        List<Implementation> implementations,
        Set<Norm> norms,
        Set<Task> tasks,
        boolean growth,
        int threads,
        Timing timing) {
    /** The batch sizes of a training and of the measurement after it. */
    private static final Map<Task, Integer> BATCH_SIZES =
            Map.of(Task.TRAIN, Recipe.REFERENCE.batchSize(), Task.EVALUATE, 1000, Task.LATENCY, 1);

    /** Far beyond the cores of a machine. */
    private static final int MOST_THREADS = 1024;

    /** Checks the number of threads. */
    public BenchmarkPlan {
        if (threads < 1 || threads > MOST_THREADS) {
            throw new IllegalArgumentException("threads must be 1 to " + MOST_THREADS + ", not " + threads);
        }
        implementations = List.copyOf(implementations);
    }

    /**
     * How long is measured.
     *
     * @param rounds rounds that count, 1 to {@value #MOST_ROUNDS}; in each, every run has one iteration
     * @param seconds length of an iteration, above 0 and at most {@value #MOST_SECONDS}
     */
    public record Timing(int rounds, double seconds) {
        /** Five rounds of two seconds. */
        public static final Timing DEFAULT = new Timing(5, 2);

        /** Rounds before those that count: HotSpot compiles, workspaces and caches find their size. */
        static final int WARM_UP_ROUNDS = 2;

        private static final int MOST_ROUNDS = 1000;

        /** Half of what {@link Run} waits for an answer. */
        private static final int MOST_SECONDS = 60;

        /** Checks the ranges. */
        public Timing {
            if (rounds < 1 || rounds > MOST_ROUNDS) {
                throw new IllegalArgumentException("rounds must be 1 to " + MOST_ROUNDS + ", not " + rounds);
            }
            if (!(seconds > 0 && seconds <= MOST_SECONDS)) {
                throw new IllegalArgumentException(
                        "seconds must be above 0 and at most " + MOST_SECONDS + ", not " + seconds);
            }
        }

        /** {@return the number of iterations of each run, including the warm-up} */
        int iterations() {
            return WARM_UP_ROUNDS + rounds;
        }
    }

    /**
     * Runs on one workload, which take turns.
     *
     * @param axis what grows from workload to workload, {@code null} where nothing does
     * @param point the size on that axis
     */
    record WorkloadRuns(String axis, Integer point, Workload workload, List<Run> runs) {}

    /** A size that grows, with the workload for each of its values. */
    private record Axis(String title, List<Integer> points, IntFunction<Workload> workload) {}

    /**
     * {@return the number of iterations of all runs}
     *
     * @param images images of the batches
     */
    public int iterations(ImageSet images) {
        return timing.iterations()
                * workloads(images).stream().mapToInt(each -> each.runs.size()).sum();
    }

    /**
     * {@return the workloads, with at least one run each}. All norms with batch normalization share a workload, because
     * a peer has only one such norm; none has its own.
     */
    List<WorkloadRuns> workloads(ImageSet images) {
        int channels = images.channels();
        int side = images.height();
        int classes = images.classNames().size();
        List<WorkloadRuns> planned = new ArrayList<>();
        for (Task task : tasks) {
            Workload workload = new Workload(task, BATCH_SIZES.get(task), channels, side, classes, 1, threads);
            for (boolean normalized : new boolean[] {false, true}) {
                List<Norm> alike = norms.stream()
                        .filter(norm -> (norm != Norm.NONE) == normalized)
                        .toList();
                planned.add(new WorkloadRuns(null, null, workload, runs(workload, implementations, alike)));
            }
        }
        if (growth) {
            List<Norm> norm = List.of(
                    norms.contains(Norm.BUILTIN)
                            ? Norm.BUILTIN
                            : norms.iterator().next());
            List<Implementation> fast = implementations.stream()
                    .filter(implementation -> !implementation.id().equals(Dl4j.STOCK))
                    .toList();
            for (Task task : List.of(Task.TRAIN, Task.EVALUATE)) {
                for (Axis axis : axes(task, channels, side, classes)) {
                    for (int point : axis.points) {
                        Workload workload = axis.workload.apply(point);
                        planned.add(new WorkloadRuns(axis.title, point, workload, runs(workload, fast, norm)));
                    }
                }
            }
        }
        planned.removeIf(each -> each.runs.isEmpty());
        return planned;
    }

    private List<Axis> axes(Task task, int channels, int side, int classes) {
        int batch = BATCH_SIZES.get(Task.TRAIN);
        return List.of(
                new Axis(
                        "batch size",
                        List.of(1, 4, 16, 64, 256, 1024, 4096),
                        size -> new Workload(task, size, channels, side, classes, 1, threads)),
                new Axis(
                        "image side",
                        List.of(28, 56, 112, 224),
                        pixels -> new Workload(task, batch, channels, pixels, classes, 1, threads)),
                new Axis(
                        "channel factor",
                        List.of(1, 2, 4, 8),
                        width -> new Workload(task, batch, channels, side, classes, width, threads)),
                new Axis(
                        "threads",
                        IntStream.rangeClosed(1, threads).boxed().toList(),
                        number -> new Workload(task, batch, channels, side, classes, 1, number)));
    }

    private static List<Run> runs(Workload workload, List<Implementation> implementations, List<Norm> norms) {
        return norms.stream()
                .flatMap(norm -> implementations.stream()
                        .filter(implementation -> implementation.supports(norm, workload))
                        .map(implementation -> new Run(implementation, norm, workload)))
                .toList();
    }
}
