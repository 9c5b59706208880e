package org.bncnn.bench.layer;

import java.util.Collection;
import java.util.List;
import java.util.Locale;
import org.openjdk.jmh.results.RunResult;

/**
 * How many times as fast as DL4J, and as PyTorch, each implementation was, with the same method and shape in the same run.
 *
 * <p>It is judged by the median of its iterations, which other work on the machine moves less than the mean in JMH's own table.
 */
final class Ratios {
    private record Timing(String method, String shape, String implementation, double micros) {
        static Timing of(RunResult result) {
            return new Timing(
                    result.getPrimaryResult().getLabel(),
                    result.getParams().getParam("shape"),
                    result.getParams().getParam("implementation"),
                    result.getPrimaryResult().getStatistics().getPercentile(50));
        }
    }

    private final List<Timing> timings;

    Ratios(Collection<RunResult> results) {
        timings = results.stream().map(Timing::of).toList();
    }

    String table() {
        StringBuilder table =
                new StringBuilder(row("method", "shape", "implementation", "median µs", "dl4j/it", "pytorch/it"));
        for (Timing timing : timings) {
            table.append(row(
                    timing.method,
                    timing.shape,
                    timing.implementation,
                    String.format(Locale.ROOT, "%.1f", timing.micros),
                    ratio("dl4j", timing),
                    ratio("pytorch", timing)));
        }
        return table.toString();
    }

    /** The time of the implementation over the given time; a dash if it was left out of the run. */
    private String ratio(String implementation, Timing timing) {
        return timings.stream()
                .filter(other -> other.implementation.equals(implementation)
                        && other.method.equals(timing.method)
                        && other.shape.equals(timing.shape))
                .map(other -> String.format(Locale.ROOT, "%.2f", other.micros / timing.micros))
                .findFirst()
                .orElse("-");
    }

    private static String row(String method, String shape, String implementation, String... numbers) {
        return String.format(Locale.ROOT, "%-16s %-12s %-14s", method, shape, implementation)
                + String.format(Locale.ROOT, "%13s %11s %11s%n", (Object[]) numbers);
    }
}
