package org.bncnn.bench;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.bncnn.model.Norm;
import org.bncnn.text.Printable;

/** A {@link BenchmarkResult} as text for a terminal: a table for each task and each axis of growth, and where it was measured. */
public final class BenchmarkText {
    private static final String COLUMNS = "%-14s %-26s %9s %9s %9s %8s %9s %8s";

    private BenchmarkText() {}

    /** {@return everything that was found, in several lines} */
    public static String render(BenchmarkResult result) {
        StringBuilder text = new StringBuilder();
        for (List<Heat> heats : tables(result.heats())) {
            head(heats.get(0), text);
            heats.forEach(heat -> heat.measurements().forEach(one -> row(one, heat, text)));
            heats.forEach(heat -> heat.omissions()
                    .forEach(one -> line(text, "- %s, %s: %s", first(heat, one.entry()), one.title(), one.reason())));
            line(text, "");
        }
        legend(result, text);
        return text.toString().stripTrailing();
    }

    /** {@return what a heat is about, in a few words} */
    public static String title(Workload workload, String axis) {
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

    /** Heats of one task share a table, unless they are on different axes. */
    private static List<List<Heat>> tables(List<Heat> heats) {
        Map<String, List<Heat>> tables = heats.stream()
                .collect(Collectors.groupingBy(
                        heat -> heat.workload().task() + " " + heat.axis(), LinkedHashMap::new, Collectors.toList()));
        return List.copyOf(tables.values());
    }

    private static void head(Heat heat, StringBuilder text) {
        boolean latency = isLatency(heat);
        line(text, "%s: %s", title(heat.workload(), heat.axis()), latency ? "µs" : "images/s");
        line(
                text,
                COLUMNS,
                heat.axis() == null ? "norm" : heat.axis(),
                "what ran",
                latency ? "p50" : "median",
                latency ? "fastest" : "slowest",
                latency ? "p99" : "fastest",
                "× DL4J",
                "× PyTorch",
                "peak MB");
    }

    private static void row(Measurement one, Heat heat, StringBuilder text) {
        boolean latency = isLatency(heat);
        Spread spread = latency ? one.p50Micros() : one.imagesPerSecond();
        line(
                text,
                COLUMNS,
                first(heat, one.entry()),
                one.title(),
                number("%,.0f", spread.median()),
                number("%,.0f", spread.min()),
                number("%,.0f", latency ? one.p99Micros().median() : spread.max()),
                timesAsFast(one, heat, Dl4jContender.STOCK::equals),
                timesAsFast(one, heat, id -> id.startsWith(Contenders.PYTORCH)),
                one.peakBytes() < 0 ? "-" : number("%,.0f", one.peakBytes() / 1e6));
    }

    private static Object first(Heat heat, Entry entry) {
        return heat.axis() == null ? entry.norm() : heat.point();
    }

    /**
     * The ratio of medians; a dash where the other was not in the heat. It is the other with its own batch normalization, not ours; of several
     * PyTorchs, the fastest.
     */
    private static String timesAsFast(Measurement one, Heat heat, Predicate<String> other) {
        return heat.measurements().stream()
                .filter(measurement -> other.test(measurement.entry().contender())
                        && measurement.entry().norm() != Norm.CUSTOM)
                .max(Comparator.comparingDouble(BenchmarkText::speed))
                .map(measurement -> number("%.2f", speed(one) / speed(measurement)))
                .orElse("-");
    }

    private static double speed(Measurement one) {
        return one.workload().task() == Task.LATENCY
                ? 1 / one.p50Micros().median()
                : one.imagesPerSecond().median();
    }

    private static boolean isLatency(Heat heat) {
        return heat.workload().task() == Task.LATENCY;
    }

    private static void legend(BenchmarkResult result, StringBuilder text) {
        line(
                text,
                "Medians over %d turns of %s s, in rounds; %d rounds before them do not count. Norm builtin: each program's own batch"
                        + " normalization.",
                result.timing().rounds(),
                number("%.3g", result.timing().seconds()),
                Timing.WARM_UP_ROUNDS);
        line(
                text,
                "× DL4J, × PyTorch: times as fast as DL4J without helpers and as the faster PyTorch, in the same rounds.");
        line(text, "Peak: most memory resident in a contender's process, its Java virtual machine included.");
        if (!result.missing().isEmpty()) {
            line(
                    text,
                    "Not on the class path: %s. ./bncnn bench, in a checkout, brings them.",
                    String.join(", ", result.missing()));
        }
        if (!result.completed()) {
            line(text, "Stopped before the end: this is not all that was asked for.");
        }
        Setting setting = result.setting();
        line(text, "");
        line(text, "CPU      %s, %d cores; %d threads each", setting.cpu(), setting.cores(), setting.threads());
        line(text, "system   %s; JDK %s", setting.os(), setting.java());
        line(text, "ran      %s", versions(result.heats()));
        line(text, "bncnn    %s, commit %s", setting.version(), setting.commit());
        line(text, "images   %s; %s", Printable.line(setting.dataset()), setting.started());
        line(text, "command  bncnn %s", Printable.line(String.join(" ", setting.command()) + " " + variables(setting)));
    }

    private static String versions(List<Heat> heats) {
        return heats.stream()
                .flatMap(heat -> heat.measurements().stream())
                .map(Measurement::version)
                .distinct()
                .collect(Collectors.joining("; "));
    }

    private static String variables(Setting setting) {
        return setting.environment().entrySet().stream()
                .map(variable -> variable.getKey() + "=" + variable.getValue())
                .collect(Collectors.joining(" "));
    }

    private static String number(String format, double value) {
        return String.format(Locale.ROOT, format, value);
    }

    private static void line(StringBuilder text, String format, Object... values) {
        text.append(String.format(Locale.ROOT, format, values).stripTrailing()).append(System.lineSeparator());
    }
}
