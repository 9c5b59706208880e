package org.bncnn.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bncnn.model.Norm;
import org.bncnn.model.Recipe;

/**
 * What is to be measured.
 *
 * @param contenders in the order of their turns
 * @param norms that networks have; at least one
 * @param tasks that are timed
 * @param growth whether training and evaluation are also measured along the axes of {@link Growth}, with one of the norms
 * @param threads that each contender may use, 1 to {@value #MOST_THREADS}
 * @param timing how long
 */
public record Plan(
        List<Contender> contenders, Set<Norm> norms, Set<Task> tasks, boolean growth, int threads, Timing timing) {
    /** As a training and as the measurement after it have them. */
    private static final Map<Task, Integer> BATCH_SIZES =
            Map.of(Task.TRAIN, Recipe.REFERENCE.batchSize(), Task.EVALUATE, 1000, Task.LATENCY, 1);

    /** Far beyond the cores of a machine. */
    private static final int MOST_THREADS = 1024;

    public Plan {
        if (threads < 1 || threads > MOST_THREADS) {
            throw new IllegalArgumentException("threads must be 1 to " + MOST_THREADS + ", not " + threads);
        }
        contenders = List.copyOf(contenders);
    }

    /**
     * Contenders that are to have their turns on the same workload; see {@link Heat}.
     *
     * @param contenders in the order of their turns, each as often as it has norms
     */
    public record Entrants(String axis, Number point, Workload workload, List<Entrant> contenders) {}

    /** A contender with a norm. */
    public record Entrant(Contender contender, Norm norm) {
        Entry entry() {
            return new Entry(contender.id(), norm);
        }
    }

    /**
     * {@return the heats}. All norms with batch normalization are one heat, because a peer has only one such norm; none is another.
     *
     * @param channels of an image
     * @param side of an image
     * @param classes that are told apart
     */
    List<Entrants> heats(int channels, int side, int classes) {
        List<Entrants> heats = new ArrayList<>();
        for (Task task : tasks) {
            Workload workload = new Workload(task, BATCH_SIZES.get(task), channels, side, classes, 1, threads);
            for (boolean normalized : new boolean[] {false, true}) {
                List<Norm> alike = norms.stream()
                        .filter(norm -> (norm != Norm.NONE) == normalized)
                        .toList();
                add(heats, null, null, workload, contenders, alike);
            }
        }
        if (growth) {
            Norm norm = norms.contains(Norm.BUILTIN)
                    ? Norm.BUILTIN
                    : norms.iterator().next();
            List<Contender> fast = contenders.stream()
                    .filter(contender -> !contender.id().equals(Dl4jContender.STOCK))
                    .toList();
            for (Task task : List.of(Task.TRAIN, Task.EVALUATE)) {
                Workload base = new Workload(task, BATCH_SIZES.get(Task.TRAIN), channels, side, classes, 1, threads);
                for (Growth axis : Growth.of(base)) {
                    for (int point : axis.points()) {
                        add(heats, axis.title(), point, axis.at().apply(point), fast, List.of(norm));
                    }
                }
            }
        }
        return heats;
    }

    private static void add(
            List<Entrants> heats,
            String axis,
            Number point,
            Workload workload,
            List<Contender> contenders,
            List<Norm> norms) {
        List<Entrant> entrants = norms.stream()
                .flatMap(norm -> contenders.stream()
                        .filter(contender -> contender.supports(norm, workload))
                        .map(contender -> new Entrant(contender, norm)))
                .toList();
        if (!entrants.isEmpty()) {
            heats.add(new Entrants(axis, point, workload, entrants));
        }
    }
}
