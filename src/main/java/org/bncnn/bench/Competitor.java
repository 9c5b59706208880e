package org.bncnn.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bncnn.model.Norm;

/** A contender in a heat: its process, and its turns so far. */
final class Competitor implements AutoCloseable {
    /**
     * First results may differ by so much of their value, and absolutely. Float rounding takes losses with batch normalization 5e-4
     * apart; a layer left out, or a wrong constant, takes them further.
     */
    private static final double TOLERANCE = 1e-3;

    private final Plan.Entrant entrant;
    private final Workload workload;
    private final List<Turn> turns = new ArrayList<>();
    private WorkerProcess process;
    private Reply ready;
    private String failure;

    Competitor(Plan.Entrant entrant, Workload workload) {
        this.entrant = entrant;
        this.workload = workload;
    }

    /** Starts its process, and waits until it is ready. */
    void start(List<String> workerMain, String batches) throws IOException {
        if (workload.task() == Task.TRAIN && workload.batchSize() == 1 && entrant.norm() != Norm.NONE) {
            fail("cannot train: batch normalization of one image's dense layer has one value per channel");
            return;
        }
        process = new WorkerProcess(workerMain, new Assignment(entrant.entry(), workload, batches));
        try {
            ready = process.ready();
        } catch (WorkerException e) {
            fail(e.getMessage());
        }
    }

    /** Holds its first results to another's. */
    void check(Competitor other) {
        for (int i = 0; i < ready.probe().size(); i++) {
            double mine = ready.probe().get(i);
            double expected = other.ready.probe().get(i);
            if (!(Math.abs(mine - expected) <= TOLERANCE * (1 + Math.abs(expected)))) {
                fail("does not compute the same: " + mine + ", where "
                        + other.entrant.contender().title() + " has " + expected);
                return;
            }
        }
    }

    void turn(double seconds, boolean counts) {
        try {
            Turn turn = process.turn(seconds);
            if (counts) {
                turns.add(turn);
            }
        } catch (WorkerException e) {
            fail(e.getMessage());
        }
    }

    Entry entry() {
        return entrant.entry();
    }

    boolean goesOn() {
        return failure == null;
    }

    /** Will not have any more turns; its memory is free for the others. */
    void fail(String reason) {
        failure = reason;
        close();
    }

    Optional<Omission> omission() {
        return Optional.ofNullable(failure)
                .map(reason -> new Omission(entrant.entry(), entrant.contender().title(), reason));
    }

    /**
     * {@return how fast it was; empty if it had no turn that counts, or failed}
     *
     * @param stopped whether all were stopped, so that having failed means nothing: Ctrl-C ends the processes too
     */
    Optional<Measurement> measurement(boolean stopped) {
        return failure != null && !stopped || turns.isEmpty()
                ? Optional.empty()
                : Optional.of(Measurement.of(
                        entrant.entry(),
                        entrant.contender().title(),
                        ready.version(),
                        workload,
                        turns,
                        process.peakBytes()));
    }

    @Override
    public void close() {
        if (process != null) {
            process.close();
        }
    }
}
