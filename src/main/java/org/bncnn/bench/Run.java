package org.bncnn.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bncnn.bench.BenchmarkResult.Omission;
import org.bncnn.bench.BenchmarkWorker.Assignment;
import org.bncnn.bench.BenchmarkWorker.Reply;
import org.bncnn.model.Norm;

/** One implementation with one norm on one workload: its process, once it is started, and its iterations so far. */
final class Run implements AutoCloseable {
    /**
     * The largest difference of first results, relative and absolute. Float rounding takes losses with batch
     * normalization 5e-4 apart; a layer left out, or a wrong constant, takes them further.
     */
    private static final double TOLERANCE = 1e-3;

    private final Implementation implementation;
    private final RunResult.Id id;
    private final Workload workload;
    private final List<RunResult.Iteration> iterations = new ArrayList<>();
    private WorkerProcess process;
    private Reply ready;
    private long peakBytes;
    private String failure;

    Run(Implementation implementation, Norm norm, Workload workload) {
        this.implementation = implementation;
        id = new RunResult.Id(implementation.id(), norm);
        this.workload = workload;
    }

    RunResult.Id id() {
        return id;
    }

    /** Starts its process, and waits until it is ready. */
    void start(List<String> workerMain, Path batches) throws IOException {
        if (workload.task() == Workload.Task.TRAIN && workload.batchSize() == 1 && id.norm() != Norm.NONE) {
            fail("cannot train: batch normalization of one image's dense layer has one value per channel");
            return;
        }
        process = new WorkerProcess(workerMain, new Assignment(id, workload, batches.toString()));
        try {
            ready = process.reply();
        } catch (IOException e) {
            fail(e.getMessage());
        }
    }

    /** Fails if the first results differ from those of another run. */
    void compareWith(Run other) {
        for (int i = 0; i < ready.probe().size(); i++) {
            double mine = ready.probe().get(i);
            double expected = other.ready.probe().get(i);
            if (!(Math.abs(mine - expected) <= TOLERANCE * (1 + Math.abs(expected)))) {
                fail("does not compute the same: " + mine + ", where " + other.implementation.title() + " has "
                        + expected);
                return;
            }
        }
    }

    void iterate(double seconds, boolean counts) {
        try {
            Reply reply = process.iterate(seconds);
            peakBytes = reply.peakBytes();
            if (counts) {
                iterations.add(reply.iteration());
            }
        } catch (IOException e) {
            fail(e.getMessage());
        }
    }

    boolean hasFailed() {
        return failure != null;
    }

    /** Ends the run; its memory is free for the others. */
    void fail(String reason) {
        failure = reason;
        close();
    }

    Optional<Omission> omission() {
        return Optional.ofNullable(failure).map(reason -> new Omission(id, implementation.title(), reason));
    }

    /**
     * {@return its result}; empty if no iteration counts, or it failed
     *
     * @param stopped whether all runs were stopped, so that a failure means nothing: Ctrl-C ends the processes too
     */
    Optional<RunResult> result(boolean stopped) {
        return hasFailed() && !stopped || iterations.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        RunResult.of(id, implementation.title(), ready.version(), workload, iterations, peakBytes));
    }

    @Override
    public void close() {
        if (process != null) {
            process.close();
        }
    }
}
