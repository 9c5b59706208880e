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
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.bncnn.bench.BenchmarkWorker.Assignment;
import org.bncnn.bench.BenchmarkWorker.Reply;
import org.bncnn.store.JsonFile;

/**
 * A {@link BenchmarkWorker}, seen from outside: a Java virtual machine with this one's class path and options, and with
 * the number of native threads that its workload says.
 */
final class WorkerProcess implements AutoCloseable {
    private static final long MOST_GIGABYTES = 6;

    /** Long enough for PyTorch's libraries to be unpacked, which happens once on a machine. */
    private static final long MOST_SECONDS = 120;

    private static final long LOOK_MILLIS = 100;

    /**
     * ONNX Runtime's telemetry, on since 1.29, matches regular expressions over the command line. A class path of a few
     * thousand characters overflows the stack there, and the process dies without a word.
     */
    private static final String NO_TELEMETRY = "ORT_DISABLE_TELEMETRY";

    private final Process process;
    private final PrintStream commands;
    private final BlockingQueue<Reply> replies = new LinkedBlockingQueue<>();

    /**
     * Starts a worker.
     *
     * @param main class and arguments that make a Java virtual machine call {@link BenchmarkWorker#serve}
     */
    WorkerProcess(List<String> main, Assignment assignment) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        command.addAll(main);
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(Redirect.INHERIT);
        int threads = assignment.workload().threads();
        builder.environment().put("OMP_NUM_THREADS", Integer.toString(threads));
        builder.environment().put(NO_TELEMETRY, "1");
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

    /** {@return its answer to an iteration} @throws IOException as {@link #reply} throws it */
    Reply iterate(double seconds) throws IOException {
        commands.println(seconds);
        return reply();
    }

    /**
     * {@return its next answer}
     *
     * @throws IOException if it cannot do what it was told, or takes too long or too much memory; the message says why
     */
    Reply reply() throws IOException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(MOST_SECONDS);
        try {
            for (Reply reply = null; ; reply = replies.poll(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
                if (reply != null) {
                    if (reply.failure() != null) {
                        throw new IOException(reply.failure());
                    }
                    return reply;
                }
                if (memory(Long.toString(process.pid()), "VmRSS:") > MOST_GIGABYTES << 30) {
                    throw new IOException("needs more than " + MOST_GIGABYTES + " GB of memory");
                }
                if (System.nanoTime() > deadline) {
                    throw new IOException("takes more than " + MOST_SECONDS + " s");
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
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

    /** Ends the process, and waits until its memory is free again. */
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
