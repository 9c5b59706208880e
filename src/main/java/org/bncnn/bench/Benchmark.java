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
import org.bncnn.data.ImageDataset;
import org.bncnn.data.ImageSet;
import org.bncnn.store.UnwritableFileException;

/**
 * Times contenders side by side.
 *
 * <p>Each has a process of its own, with weights and batches in arrays of its own before any time is taken. Its first results are held to
 * those of the others. Then there are rounds, in each of which every contender has a turn; while one has it, the others sleep. The first
 * rounds do not count.
 */
public final class Benchmark {
    private final List<String> workerMain;
    private final ImageDataset data;
    private final Plan plan;
    private final BenchmarkObserver observer;
    private final BooleanSupplier stopRequested;

    /** Growth of a contender along an axis ends where it fails. */
    private final Map<List<Object>, Omission> ended = new HashMap<>();

    /** Axes of growth cross in one point, which is measured once. */
    private final Map<Workload, Heat> crossings = new HashMap<>();

    /**
     * @param workerMain class and arguments that make a Java virtual machine call {@link Worker#serve}
     * @param data gives the images
     * @param stopRequested is asked before each turn; once it says yes, what was found until then is returned
     */
    public Benchmark(
            List<String> workerMain,
            ImageDataset data,
            Plan plan,
            BenchmarkObserver observer,
            BooleanSupplier stopRequested) {
        this.workerMain = workerMain;
        this.data = data;
        this.plan = plan;
        this.observer = observer;
        this.stopRequested = stopRequested;
    }

    /** {@return how many turns contenders will have in all} */
    public int turns() {
        return heats().stream().mapToInt(heat -> heat.contenders().size()).sum()
                * plan.timing().turns();
    }

    /**
     * Runs.
     *
     * @param command arguments of the program, for the result
     * @throws IOException if the batches cannot be written or a process cannot be started
     */
    public BenchmarkResult run(List<String> command) throws IOException {
        Setting setting = Setting.now(command, data, plan.threads());
        List<Heat> heats = new ArrayList<>();
        Path batches = temporaryFile();
        try {
            for (Plan.Entrants entrants : heats()) {
                if (!stopRequested.getAsBoolean()) {
                    heats.add(heat(entrants, batches));
                }
            }
        } finally {
            Files.deleteIfExists(batches);
        }
        heats.removeIf(heat -> heat.measurements().isEmpty() && heat.omissions().isEmpty());
        return new BenchmarkResult(setting, plan.timing(), Contenders.missing(), heats, !stopRequested.getAsBoolean());
    }

    private static Path temporaryFile() throws IOException {
        try {
            return Files.createTempFile("bncnn-bench-", ".batches");
        } catch (IOException e) {
            throw new UnwritableFileException(Path.of(System.getProperty("java.io.tmpdir")), e);
        }
    }

    private List<Plan.Entrants> heats() {
        ImageSet images = data.train();
        return plan.heats(
                images.channels(), images.height(), images.classNames().size());
    }

    private Heat heat(Plan.Entrants entrants, Path batches) throws IOException {
        observer.heatStarted(entrants);
        Heat known = crossings.get(entrants.workload());
        if (entrants.axis() != null && known != null) {
            observer.turnsEnded(entrants.contenders().size() * plan.timing().turns());
            return new Heat(
                    entrants.axis(), entrants.point(), known.workload(), known.measurements(), known.omissions());
        }
        Batches.write(batches, entrants.workload(), data.train());
        List<Competitor> competitors = entrants.contenders().stream()
                .map(entrant -> new Competitor(entrant, entrants.workload()))
                .toList();
        try {
            prepare(competitors, entrants, batches);
            for (int round = 0; round < plan.timing().turns(); round++) {
                giveTurns(competitors, round >= Timing.WARM_UP_ROUNDS);
            }
        } finally {
            competitors.forEach(Competitor::close);
        }
        boolean stopped = stopRequested.getAsBoolean();
        Heat heat = new Heat(
                entrants.axis(),
                entrants.point(),
                entrants.workload(),
                competitors.stream()
                        .map(competitor -> competitor.measurement(stopped))
                        .flatMap(Optional::stream)
                        .toList(),
                stopped
                        ? List.of()
                        : competitors.stream()
                                .map(Competitor::omission)
                                .flatMap(Optional::stream)
                                .toList());
        if (entrants.axis() != null) {
            crossings.put(entrants.workload(), heat);
            if (entrants.workload().batchSize() > 1) { // what one image is too few for may go well with more
                heat.omissions().forEach(omission -> ended.putIfAbsent(growth(entrants, omission.entry()), omission));
            }
        }
        return heat;
    }

    private void prepare(List<Competitor> competitors, Plan.Entrants entrants, Path batches) throws IOException {
        Competitor first = null;
        for (Competitor competitor : competitors) {
            Omission before = ended.get(growth(entrants, competitor.entry()));
            if (stopRequested.getAsBoolean()) {
                competitor.fail("stopped");
            } else if (before != null) {
                competitor.fail("was left out, because of what happened at a smaller point: " + before.reason());
            } else {
                competitor.start(workerMain, batches.toString());
            }
            if (competitor.goesOn() && first != null) {
                competitor.check(first);
            }
            if (competitor.goesOn() && first == null) {
                first = competitor;
            }
        }
    }

    private void giveTurns(List<Competitor> competitors, boolean counts) {
        for (Competitor competitor : competitors) {
            if (competitor.goesOn() && !stopRequested.getAsBoolean()) {
                competitor.turn(plan.timing().seconds(), counts);
            }
            observer.turnsEnded(1);
        }
    }

    private static List<Object> growth(Plan.Entrants entrants, Entry entry) {
        return List.of(String.valueOf(entrants.axis()), entrants.workload().task(), entry);
    }
}
