package org.bncnn.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.ProcessBuilder.Redirect;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.bncnn.bench.BenchmarkResult.Omission;
import org.bncnn.bench.BenchmarkWorker.Assignment;
import org.bncnn.bench.BenchmarkWorker.Reply;
import org.bncnn.bench.RunResult.Iteration;
import org.bncnn.model.Norm;
import org.bncnn.store.JsonFile;

/**
 * One implementation with one norm on one workload: a {@link BenchmarkWorker}, seen from outside, and its iterations so
 * far. Its process is ended when the run fails, or takes too long or too much memory.
 */
final class Run implements AutoCloseable {
    /**
     * The largest difference of first results, relative and absolute. Float rounding takes losses with batch
     * normalization 5e-4 apart; a layer left out, or a wrong constant, takes them further.
     */
    private static final double TOLERANCE = 1e-3;

    private static final long MOST_GIGABYTES = 6;

    /** Long enough for PyTorch's libraries to be unpacked, which happens once on a machine. */
    private static final long MOST_SECONDS = 120;

    private static final long LOOK_MILLIS = 100;

    /**
     * ONNX Runtime's telemetry, on since 1.29, matches regular expressions over the command line. A class path of a few
     * thousand characters overflows the stack there, and the process dies without a word.
     */
    private static final String NO_TELEMETRY = "ORT_DISABLE_TELEMETRY";

    private final RunResult.Id id;
    private final String title;
    private final Workload workload;
    private final List<Iteration> iterations = new ArrayList<>();
    private final BlockingQueue<Reply> replies = new LinkedBlockingQueue<>();
    private Process process;
    private PrintStream commands;
    private Reply ready;
    private long peakBytes = -1;
    private String failure;

    Run(Implementation implementation, Norm norm, Workload workload) {
        id = new RunResult.Id(implementation.id(), norm);
        title = implementation.title();
        this.workload = workload;
    }

    RunResult.Id id() {
        return id;
    }

    /**
     * Starts the worker, and waits until it is ready. It is a Java virtual machine with this one's class path and
     * options, and with the number of native threads that the workload says.
     *
     * @param workerMain class and arguments that make a Java virtual machine call {@link BenchmarkWorker#serve}
     * @throws IOException if no process can be started
     */
    void start(List<String> workerMain, Path batches) throws IOException {
        if (workload.task() == Workload.Task.TRAIN && workload.batchSize() == 1 && id.norm() != Norm.NONE) {
            fail("cannot train: batch normalization of one image's dense layer has one value per channel");
            return;
        }
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        command.addAll(workerMain);
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(Redirect.INHERIT);
        builder.environment().put("OMP_NUM_THREADS", Integer.toString(workload.threads()));
        builder.environment().put(NO_TELEMETRY, "1");
        process = builder.start();
        Thread reader = new Thread(this::read, "replies");
        reader.setDaemon(true);
        reader.start();
        commands = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
        ready = tell(JsonFile.line(new Assignment(id, workload, batches.toString())));
    }

    private void read() {
        try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                if (line.startsWith("{")) { // otherwise a native library has written it
                    replies.add(JsonFile.parse(line, Reply.class));
                }
            }
            process.waitFor();
            replies.add(Reply.failed("its process ended with exit code " + process.exitValue()));
        } catch (IOException e) {
            replies.add(Reply.failed(e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** {@return the worker's reply}; the run has failed if it has none in time, or says so */
    private Reply tell(String command) {
        commands.println(command);
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(MOST_SECONDS);
        Reply reply = null;
        try {
            while (reply == null) {
                reply = replies.poll(LOOK_MILLIS, TimeUnit.MILLISECONDS);
                if (reply == null && memory(Long.toString(process.pid()), "VmRSS:") > MOST_GIGABYTES << 30) {
                    reply = Reply.failed("needs more than " + MOST_GIGABYTES + " GB of memory");
                } else if (reply == null && System.nanoTime() > deadline) {
                    reply = Reply.failed("takes more than " + MOST_SECONDS + " s");
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            reply = Reply.failed("interrupted");
        }
        if (reply.failure() != null) {
            fail(reply.failure());
        }
        return reply;
    }

    /** {@return a process's resident memory in bytes, as a field of Linux says; −1 if it has ended, or elsewhere} */
    static long memory(String process, String field) {
        try (Stream<String> lines = Files.lines(Path.of("/proc", process, "status"))) {
            return lines.filter(line -> line.startsWith(field))
                    .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("\\D", "")))
                    .findFirst()
                    .orElse(-1);
        } catch (IOException noSuchProcess) {
            return -1;
        }
    }

    /** Fails if the first results differ from those of another run. */
    void compareWith(Run other) {
        for (int i = 0; i < ready.probe().size(); i++) {
            double mine = ready.probe().get(i);
            double expected = other.ready.probe().get(i);
            if (!(Math.abs(mine - expected) <= TOLERANCE * (1 + Math.abs(expected)))) {
                fail("does not compute the same: " + mine + ", where " + other.title + " has " + expected);
                return;
            }
        }
    }

    void iterate(double seconds, boolean counts) {
        Reply reply = tell(Double.toString(seconds));
        if (hasFailed()) {
            return;
        }
        peakBytes = reply.peakBytes();
        if (counts) {
            iterations.add(reply.iteration());
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
        return Optional.ofNullable(failure).map(reason -> new Omission(id, title, reason));
    }

    /**
     * {@return its result}; empty if no iteration counts, or it failed
     *
     * @param stopped whether all runs were stopped, so that a failure means nothing: Ctrl-C ends the processes too
     */
    Optional<RunResult> result(boolean stopped) {
        return hasFailed() && !stopped || iterations.isEmpty()
                ? Optional.empty()
                : Optional.of(RunResult.of(id, title, ready.version(), workload, iterations, peakBytes));
    }

    /** Ends the process, and waits until its memory is free again. */
    @Override
    public void close() {
        if (process != null) {
            process.destroyForcibly();
            process.onExit().join();
        }
    }
}
