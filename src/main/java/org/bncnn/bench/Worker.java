package org.bncnn.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bncnn.store.JsonFile;

/**
 * One contender in a process of its own. It reads a line with an {@link Assignment}, prepares, answers, and then has a turn whenever a
 * line tells it to, until its input ends. Each answer is a {@link Reply} on one line.
 */
public final class Worker {
    /** So many steps or batches, if there are so many batches, are compared between contenders. */
    private static final int PROBES = 20;

    private final Workload workload;
    private final Batches batches;
    private final Subject subject;
    private final float[][] images;
    private int next;

    private Worker(Workload workload, Batches batches, Subject subject) throws IOException {
        this.workload = workload;
        this.batches = batches;
        this.subject = subject;
        images = new float[workload.task() == Task.LATENCY ? batches.count() : 0][];
        for (int i = 0; i < images.length; i++) {
            images[i] = batches.images(i).values();
        }
    }

    /** Serves until the input ends. */
    public static void serve(BufferedReader in, PrintStream out) throws IOException {
        try {
            Assignment assignment = JsonFile.parse(in.readLine(), Assignment.class);
            Workload workload = assignment.workload();
            Batches batches = new Batches(Path.of(assignment.batches()), workload);
            try (Subject subject = prepare(assignment, batches)) {
                Worker worker = new Worker(workload, batches, subject);
                answer(out, Reply.ready(subject.version(), worker.probe()));
                for (String seconds = in.readLine(); seconds != null; seconds = in.readLine()) {
                    answer(out, Reply.turned(worker.turn(Double.parseDouble(seconds)), ProcessMemory.ownPeak()));
                }
            }
        } catch (IOException | RuntimeException | LinkageError | OutOfMemoryError e) {
            answer(out, Reply.failed(e instanceof IOException ? e.getMessage() : e.toString()));
        }
    }

    private static Subject prepare(Assignment assignment, Batches batches) throws IOException {
        Entry entry = assignment.entry();
        Workload workload = assignment.workload();
        Contender contender = Contenders.all().stream()
                .filter(one -> one.id().equals(entry.contender()))
                .findFirst()
                .orElseThrow(() -> new IOException(entry.contender() + " is not on the class path"));
        Subject subject = contender.prepare(entry.norm(), workload, Weights.draw(entry.norm(), workload), batches);
        if (subject.threads() != workload.threads()) {
            throw new IOException("it uses " + subject.threads() + " threads, not " + workload.threads());
        }
        return subject;
    }

    private static void answer(PrintStream out, Reply reply) throws IOException {
        out.println(JsonFile.line(reply));
        out.flush();
    }

    /** {@return first results, by which contenders are held to each other} */
    private List<Double> probe() {
        List<Double> results = new ArrayList<>();
        for (int i = 0; i < PROBES && i < batches.count(); i++) {
            switch (workload.task()) {
                case TRAIN -> results.add(subject.train(i));
                case EVALUATE -> add(subject.evaluate(i), results);
                case LATENCY -> add(subject.predict(images[i]), results);
            }
        }
        return results;
    }

    private void add(float[] probabilities, List<Double> results) {
        for (int i = 0; i < workload.classes(); i++) {
            results.add((double) probabilities[i]);
        }
    }

    /** Works for so long, but makes one call at least. */
    private Turn turn(double seconds) {
        System.gc(); // DL4J's native memory is freed only when its Java objects are collected; the last turn's is not
        // this one's matter
        long[] nanos = new long[1 << 10];
        int calls = 0;
        long start = System.nanoTime();
        long end = start + (long) (seconds * 1e9);
        do {
            call();
            long now = System.nanoTime();
            if (calls == nanos.length) {
                nanos = Arrays.copyOf(nanos, 2 * calls);
            }
            nanos[calls++] = now - start;
            start = now;
        } while (start < end);
        return Turn.of(Arrays.copyOf(nanos, calls), workload.batchSize());
    }

    private void call() {
        int batch = next++ % batches.count();
        switch (workload.task()) {
            case TRAIN -> subject.train(batch);
            case EVALUATE -> subject.evaluate(batch);
            case LATENCY -> subject.predict(images[batch]);
        }
    }
}
