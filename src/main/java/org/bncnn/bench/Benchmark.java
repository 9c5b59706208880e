package org.bncnn.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.bncnn.bench.BenchmarkPlan.Timing;
import org.bncnn.bench.BenchmarkPlan.WorkloadRuns;
import org.bncnn.bench.BenchmarkResult.Omission;
import org.bncnn.bench.BenchmarkResult.Setting;
import org.bncnn.bench.BenchmarkResult.WorkloadResult;
import org.bncnn.data.ImageDataset;
import org.bncnn.store.UnwritableFileException;

/**
 * Times implementations side by side.
 *
 * <p>Each run has a process of its own, with weights and batches in arrays of its own before any time is taken. Its
 * first results are compared with those of the first run. Then there are rounds, in each of which every run has an
 * iteration; while one has it, the others sleep. The first rounds do not count.
 */
public final class Benchmark {
    /** Come with Maven's profile {@code bench} only. */
    private static final List<String> PEERS = List.of("pytorch", "onnxruntime");

    private final List<String> workerMain;
    private final ImageDataset data;
    private final BenchmarkPlan plan;
    private final Observer observer;
    private final BooleanSupplier stopRequested;

    /** Growth of an implementation along an axis ends where it fails. */
    private final Map<List<Object>, Omission> ended = new HashMap<>();

    /** Axes of growth cross in one workload, which is measured once. */
    private final Map<Workload, WorkloadResult> crossings = new HashMap<>();

    /** Follows a benchmark. */
    public interface Observer {
        /**
         * The runs on a workload begin.
         *
         * @param title the workload, in a few words
         * @param runs number of runs
         */
        void workloadStarted(String title, int runs);

        /**
         * Iterations have ended, or will not take place.
         *
         * @param iterations number of iterations
         */
        void iterationsEnded(int iterations);
    }

    /**
     * Takes over what is to be measured, and starts nothing.
     *
     * @param workerMain class and arguments that make a Java virtual machine call {@link BenchmarkWorker#serve}
     * @param data source of the images
     * @param plan what is to be measured
     * @param observer follows the benchmark
     * @param stopRequested asked before each iteration; once it says yes, the results so far are returned
     */
    public Benchmark(
            List<String> workerMain,
            ImageDataset data,
            BenchmarkPlan plan,
            Observer observer,
            BooleanSupplier stopRequested) {
        this.workerMain = workerMain;
        this.data = data;
        this.plan = plan;
        this.observer = observer;
        this.stopRequested = stopRequested;
    }

    /**
     * {@return what the plan's runs measured}
     *
     * @param command arguments of the program, for the result
     * @throws IOException if the batches cannot be written or a process cannot be started
     */
    public BenchmarkResult run(List<String> command) throws IOException {
        Setting setting = Setting.now(command, data, plan.threads());
        List<WorkloadResult> results = new ArrayList<>();
        Path batches = temporaryFile();
        try {
            for (WorkloadRuns planned : plan.workloads(data.train())) {
                if (!stopRequested.getAsBoolean()) {
                    results.add(measure(planned, batches));
                }
            }
        } finally {
            Files.deleteIfExists(batches);
        }
        results.removeIf(one -> one.measurements().isEmpty() && one.omissions().isEmpty());
        List<String> missing = new ArrayList<>(PEERS);
        Implementation.all().forEach(found -> missing.remove(found.id()));
        return new BenchmarkResult(setting, plan.timing(), missing, results, !stopRequested.getAsBoolean());
    }

    private static Path temporaryFile() throws IOException {
        try {
            return Files.createTempFile("bncnn-bench-", ".batches");
        } catch (IOException e) {
            throw new UnwritableFileException(Path.of(System.getProperty("java.io.tmpdir")), e);
        }
    }

    private WorkloadResult measure(WorkloadRuns planned, Path batches) throws IOException {
        String axis = planned.axis();
        Workload workload = planned.workload();
        List<Run> runs = planned.runs();
        String title = BenchmarkText.title(workload, axis);
        observer.workloadStarted(axis == null ? title : title + ": " + planned.point(), runs.size());
        WorkloadResult known = crossings.get(workload);
        if (axis != null && known != null) {
            observer.iterationsEnded(runs.size() * plan.timing().iterations());
            return new WorkloadResult(axis, planned.point(), workload, known.measurements(), known.omissions());
        }
        new BatchFile(batches, workload).write(data.train());
        try {
            start(planned, batches);
            for (int round = 0; round < plan.timing().iterations(); round++) {
                iterate(runs, round >= Timing.WARM_UP_ROUNDS);
            }
        } finally {
            runs.forEach(Run::close);
        }
        boolean stopped = stopRequested.getAsBoolean();
        WorkloadResult result = new WorkloadResult(
                axis,
                planned.point(),
                workload,
                runs.stream()
                        .map(run -> run.result(stopped))
                        .flatMap(Optional::stream)
                        .toList(),
                runs.stream()
                        .map(Run::omission)
                        .flatMap(Optional::stream)
                        .filter(omission -> !stopped)
                        .toList());
        if (axis != null) {
            crossings.put(workload, result);
            if (workload.batchSize() > 1) { // one image may be too few where more are not
                result.omissions().forEach(omission -> ended.putIfAbsent(growth(planned, omission.id()), omission));
            }
        }
        return result;
    }

    private void start(WorkloadRuns planned, Path batches) throws IOException {
        Run first = null;
        for (Run run : planned.runs()) {
            Omission before = ended.get(growth(planned, run.id()));
            if (stopRequested.getAsBoolean()) {
                run.fail("stopped");
            } else if (before != null) {
                run.fail("was left out, because of what happened at a smaller point: " + before.reason());
            } else {
                run.start(workerMain, batches);
            }
            if (!run.hasFailed() && first != null) {
                run.compareWith(first);
            }
            if (!run.hasFailed() && first == null) {
                first = run;
            }
        }
    }

    private void iterate(List<Run> runs, boolean counts) {
        for (Run run : runs) {
            if (!run.hasFailed() && !stopRequested.getAsBoolean()) {
                run.iterate(plan.timing().seconds(), counts);
            }
            observer.iterationsEnded(1);
        }
    }

    private static List<Object> growth(WorkloadRuns planned, RunResult.Id id) {
        return List.of(String.valueOf(planned.axis()), planned.workload().task(), id);
    }
}
