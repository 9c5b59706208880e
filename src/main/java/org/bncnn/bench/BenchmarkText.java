package org.bncnn.bench;

import static org.bncnn.text.Numbers.format;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.bncnn.bench.BenchmarkPlan.Timing;
import org.bncnn.bench.BenchmarkResult.Setting;
import org.bncnn.bench.BenchmarkResult.WorkloadResult;
import org.bncnn.bench.RunResult.Score;
import org.bncnn.bench.Workload.Task;
import org.bncnn.model.Norm;
import org.bncnn.text.Lines;

/** A {@link BenchmarkResult} as text for a terminal: a table for each task and axis of growth, then the setting. */
public final class BenchmarkText {
    private static final String COLUMNS = "%-14s %-26s %9s %9s %9s %8s %9s %8s";

    private BenchmarkText() {}

    /**
     * {@return everything that was found, in several lines}
     *
     * @param result what was found
     */
    public static String render(BenchmarkResult result) {
        Lines text = new Lines();
        tables(result.workloads()).forEach(workloads -> table(workloads, text));
        legend(result, text);
        setting(result, text);
        return text.toString().stripTrailing();
    }

    /** {@return what a workload is about, in a few words} */
    static String title(Workload workload, String axis) {
        String task = switch (workload.task()) {
            case TRAIN -> "Training";
            case EVALUATE -> "Evaluation";
            case LATENCY -> "One image at a time";
        };
        if (axis != null) {
            return task + ", growth of the " + axis;
        }
        return workload.batchSize() == 1 ? task : task + ", batches of " + workload.batchSize();
    }

    /** Workloads of one task share a table, unless they are on different axes. */
    private static Collection<List<WorkloadResult>> tables(List<WorkloadResult> workloads) {
        Map<String, List<WorkloadResult>> tables = workloads.stream()
                .collect(Collectors.groupingBy(
                        one -> one.workload().task() + " " + one.axis(), LinkedHashMap::new, Collectors.toList()));
        return tables.values();
    }

    private static void table(List<WorkloadResult> workloads, Lines text) {
        String axis = workloads.get(0).axis();
        Workload workload = workloads.get(0).workload();
        boolean latency = workload.task() == Task.LATENCY;
        text.add("%s: %s", title(workload, axis), latency ? "µs" : "images/s");
        List<List<?>> rows = new ArrayList<>();
        rows.add(List.of(
                axis == null ? "norm" : axis,
                "what ran",
                latency ? "p50" : "median",
                latency ? "fastest" : "slowest",
                latency ? "p99" : "fastest",
                "× DL4J",
                "× PyTorch",
                "peak MB"));
        workloads.forEach(one -> one.measurements().forEach(run -> rows.add(row(run, one, latency))));
        text.table(COLUMNS, rows);
        workloads.forEach(one -> one.omissions()
                .forEach(run -> text.add("- %s, %s: %s", first(one, run.id()), run.title(), run.reason())));
        text.add("");
    }

    private static List<?> row(RunResult run, WorkloadResult workload, boolean latency) {
        Score score = latency ? run.p50Micros() : run.imagesPerSecond();
        return List.of(
                first(workload, run.id()),
                run.title(),
                format("%,.0f", score.median()),
                format("%,.0f", score.min()),
                format("%,.0f", latency ? run.p99Micros().median() : score.max()),
                timesAsFast(run, workload, Dl4j.STOCK::equals),
                timesAsFast(run, workload, id -> id.startsWith("pytorch")),
                run.peakBytes() < 0 ? "-" : format("%,.0f", run.peakBytes() / 1e6));
    }

    private static Object first(WorkloadResult workload, RunResult.Id id) {
        return workload.axis() == null ? id.norm() : workload.point();
    }

    /**
     * The ratio of medians; a dash where the other did not run. The other has its own batch normalization, not ours; of
     * several PyTorchs it is the fastest.
     */
    private static String timesAsFast(RunResult run, WorkloadResult workload, Predicate<String> other) {
        return workload.measurements().stream()
                .filter(one -> other.test(one.id().implementation()) && one.id().norm() != Norm.CUSTOM)
                .max(Comparator.comparingDouble(BenchmarkText::speed))
                .map(one -> format("%.2f", speed(run) / speed(one)))
                .orElse("-");
    }

    private static double speed(RunResult run) {
        return run.workload().task() == Task.LATENCY
                ? 1 / run.p50Micros().median()
                : run.imagesPerSecond().median();
    }

    private static void legend(BenchmarkResult result, Lines text) {
        text.add(
                "Medians over %d rounds of %s s each; %d rounds before them do not count. Norm builtin: each program's"
                        + " own batch normalization.",
                result.timing().rounds(), format("%.3g", result.timing().seconds()), Timing.WARM_UP_ROUNDS);
        text.add("× DL4J, × PyTorch: times as fast as DL4J without helpers and as the faster PyTorch, in the same"
                + " rounds.");
        text.add("Peak: most memory resident in a program's process, its Java virtual machine included.");
        if (!result.missing().isEmpty()) {
            text.add(
                    "Not on the class path: %s. ./bncnn bench, in a checkout, brings them.",
                    String.join(", ", result.missing()));
        }
        if (!result.completed()) {
            text.add("Stopped before the end: this is not all that was asked for.");
        }
    }

    private static void setting(BenchmarkResult result, Lines text) {
        Setting setting = result.setting();
        String versions = result.workloads().stream()
                .flatMap(one -> one.measurements().stream())
                .map(RunResult::version)
                .distinct()
                .collect(Collectors.joining("; "));
        String variables = setting.environment().entrySet().stream()
                .map(variable -> " " + variable.getKey() + "=" + variable.getValue())
                .collect(Collectors.joining());
        text.add("%nCPU      %s, %d cores; %d threads each", setting.cpu(), setting.cores(), setting.threads());
        text.add("system   %s; JDK %s", setting.os(), setting.java());
        text.add("ran      %s", versions);
        text.add("bncnn    %s, commit %s", setting.version(), setting.commit());
        text.add("images   %s; %s", setting.dataset(), setting.started());
        text.add("command  bncnn %s", String.join(" ", setting.command()) + variables);
    }
}
