package org.bncnn.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.ProcessBuilder.Redirect;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.bncnn.store.JsonFile;

/**
 * A {@link Worker}, seen from outside: a Java virtual machine with this one's class path and options, and with as many native threads
 * as its assignment says. It is ended when it takes too long or too much memory.
 */
final class WorkerProcess implements AutoCloseable {
    /** More than this, resident, is not given to a contender. */
    static final long MOST_BYTES = 6L << 30;

    /** Long enough for PyTorch's libraries to be unpacked, which happens once on a machine. */
    private static final long MOST_SECONDS = 120;

    private static final long LOOK_MILLIS = 100;

    /**
     * ONNX Runtime's telemetry, on since 1.29, matches regular expressions over the command line. A class path of a few thousand characters
     * overflows the stack there, and the process dies without a word.
     */
    private static final String NO_TELEMETRY = "ORT_DISABLE_TELEMETRY";

    private final Process process;
    private final PrintStream commands;
    private final BlockingQueue<Reply> replies = new LinkedBlockingQueue<>();
    private long peakBytes = -1;

    /**
     * Starts a worker.
     *
     * @param main class and arguments that make a Java virtual machine call {@link Worker#serve}
     */
    WorkerProcess(List<String> main, Assignment assignment) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        command.addAll(main);
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(Redirect.INHERIT);
        builder.environment()
                .putAll(Map.of(
                        "OMP_NUM_THREADS",
                        Integer.toString(assignment.workload().threads()),
                        NO_TELEMETRY,
                        "1"));
        process = builder.start();
        Thread reader = new Thread(this::read, "replies");
        reader.setDaemon(true);
        reader.start();
        commands = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
        commands.println(JsonFile.line(assignment));
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

    /**
     * Waits until it is ready.
     *
     * @throws WorkerException if it cannot do what it was assigned
     */
    Reply ready() throws WorkerException {
        return reply();
    }

    /**
     * Gives it a turn.
     *
     * @throws WorkerException if it did not end well
     */
    Turn turn(double seconds) throws WorkerException {
        commands.println(seconds);
        Reply reply = reply();
        peakBytes = reply.peakBytes();
        return reply.turn();
    }

    /** {@return the most memory it had resident until its last turn's end; −1 if the system does not tell} */
    long peakBytes() {
        return peakBytes;
    }

    private Reply reply() throws WorkerException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(MOST_SECONDS);
        try {
            for (Reply reply = null; ; reply = replies.poll(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
                if (reply != null) {
                    if (reply.failure() != null) {
                        throw new WorkerException(reply.failure());
                    }
                    return reply;
                }
                if (ProcessMemory.of(process.pid()).orElse(0) > MOST_BYTES) {
                    throw new WorkerException("needs more than " + (MOST_BYTES >> 30) + " GB of memory");
                }
                if (System.nanoTime() > deadline) {
                    throw new WorkerException("takes more than " + MOST_SECONDS + " s");
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new WorkerException("interrupted");
        }
    }

    /** Ends it, and waits until its memory is free again. */
    @Override
    public void close() {
        process.destroyForcibly();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
