package org.bncnn.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bncnn.bench.Implementation.Network;
import org.bncnn.bench.RunResult.Iteration;
import org.bncnn.store.JsonFile;

/**
 * A run, in a process of its own. It reads a line with an {@link Assignment}, prepares, and answers. Then it has an
 * iteration for each line, which says how many seconds, until its input ends. Each answer is a {@link Reply} on a line.
 */
public final class BenchmarkWorker {
    /** The number of first steps or batches that runs are compared by, if there are as many batches. */
    private static final int PROBES = 20;

    private final Network network;
    private final int batches;
    private int next;

    /**
     * What a worker is to do, as one line of JSON.
     *
     * @param batches path of the {@link BatchFile}
     */
    record Assignment(RunResult.Id id, Workload workload, String batches) {}

    /**
     * What a worker answers, as one line of JSON. Fields that an answer does not have are null.
     *
     * @param failure why it ends
     * @param version what runs, once it is ready
     * @param probe the first results, once it is ready: losses, or probabilities
     * @param peakBytes largest resident memory of the process; −1 if unknown
     */
    record Reply(String failure, String version, List<Double> probe, Iteration iteration, long peakBytes) {
        static Reply failed(String reason) {
            return new Reply(reason, null, null, null, -1);
        }
    }

    private BenchmarkWorker(Network network, int batches) {
        this.network = network;
        this.batches = batches;
    }

    /**
     * Serves until the input ends.
     *
     * @param in assignment and iterations
     * @param out replies
     * @throws IOException if a reply cannot be written
     */
    public static void serve(BufferedReader in, PrintStream out) throws IOException {
        try {
            Assignment assignment = JsonFile.parse(in.readLine(), Assignment.class);
            BatchFile file = new BatchFile(Path.of(assignment.batches), assignment.workload);
            try (Network network = prepare(assignment, file)) {
                BenchmarkWorker worker = new BenchmarkWorker(network, file.count());
                answer(out, new Reply(null, network.version(), worker.probe(file.workload()), null, -1));
                for (String seconds = in.readLine(); seconds != null; seconds = in.readLine()) {
                    Iteration iteration = worker.iterate(
                            Double.parseDouble(seconds), file.workload().batchSize());
                    answer(out, new Reply(null, null, null, iteration, Run.memory("self", "VmHWM:")));
                }
            }
        } catch (IOException | RuntimeException | LinkageError | OutOfMemoryError e) {
            answer(out, Reply.failed(e instanceof IOException ? e.getMessage() : e.toString()));
        }
    }

    private static Network prepare(Assignment assignment, BatchFile file) throws IOException {
        RunResult.Id id = assignment.id;
        Workload workload = assignment.workload;
        Implementation implementation = Implementation.all().stream()
                .filter(one -> one.id().equals(id.implementation()))
                .findFirst()
                .orElseThrow(() -> new IOException(id.implementation() + " is not on the class path"));
        Network network = implementation.prepare(id.norm(), Weight.draw(id.norm(), workload), file);
        if (network.threads() != workload.threads()) {
            throw new IOException("it uses " + network.threads() + " threads, not " + workload.threads());
        }
        return network;
    }

    private static void answer(PrintStream out, Reply reply) throws IOException {
        out.println(JsonFile.line(reply));
        out.flush();
    }

    private List<Double> probe(Workload workload) {
        List<Double> results = new ArrayList<>();
        for (int batch = 0; batch < PROBES && batch < batches; batch++) {
            float[] found = network.call(batch);
            for (int i = 0; i < workload.classes() && i < found.length; i++) {
                results.add((double) found[i]);
            }
        }
        return results;
    }

    /** Works for the time given, but makes at least one call. */
    private Iteration iterate(double seconds, int batchSize) {
        // DL4J frees native memory only when its Java objects are collected; what the last iteration left costs no time
        // in this one.
        System.gc();
        long[] nanos = new long[1 << 10];
        int calls = 0;
        long start = System.nanoTime();
        long end = start + (long) (seconds * 1e9);
        do {
            network.call(next++ % batches);
            long now = System.nanoTime();
            if (calls == nanos.length) {
                nanos = Arrays.copyOf(nanos, 2 * calls);
            }
            nanos[calls++] = now - start;
            start = now;
        } while (start < end);
        return Iteration.of(Arrays.copyOf(nanos, calls), batchSize);
    }
}
