package org.bncnn.bench.layer;

import static org.bncnn.text.Numbers.format;

import ai.djl.engine.Engine;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.bncnn.store.BuildInfo;
import org.bncnn.text.Lines;
import org.bncnn.train.Provenance;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/** Runs the benchmark with JMH's own options, then prints ratios and where they were measured. */
public final class Benchmarks {
    private Benchmarks() {}

    public static void main(String[] args) throws Exception {
        CommandLineOptions commandLine = new CommandLineOptions(args);
        if (commandLine.shouldHelp()) {
            commandLine.showHelp();
            return;
        }
        Options options = new OptionsBuilder()
                .parent(commandLine)
                .shouldFailOnError(true)
                // otherwise
                .resultFormat(ResultFormatType.JSON)
                .result(commandLine.getResult().orElse("target/bench.json"))
                .build();
        String setting = setting(); // now, so that PyTorch is unpacked before any time is taken
        Collection<RunResult> results = new Runner(options).run();
        System.out.println();
        System.out.println(ratios(results));
        System.out.println(setting);
    }

    /**
     * How many times as fast as DL4J, and as PyTorch, each implementation was, with the same method and shape in the
     * same run: the ratio of medians, which other work on the machine moves less than the means in JMH's own table.
     */
    private static String ratios(Collection<RunResult> results) {
        List<List<?>> rows = new ArrayList<>();
        rows.add(List.of("method", "shape", "implementation", "median µs", "dl4j/it", "pytorch/it"));
        for (RunResult result : results) {
            rows.add(List.of(
                    result.getPrimaryResult().getLabel(),
                    result.getParams().getParam("shape"),
                    result.getParams().getParam("implementation"),
                    format("%.1f", median(result)),
                    ratio("dl4j", result, results),
                    ratio("pytorch", result, results)));
        }
        Lines table = new Lines();
        table.table("%-16s %-12s %-14s%13s %11s %11s", rows);
        return table.toString();
    }

    /** The time of an implementation over that of a result; a dash if it was left out of the run. */
    private static String ratio(String implementation, RunResult result, Collection<RunResult> results) {
        return results.stream()
                .filter(other -> other.getParams().getParam("implementation").equals(implementation)
                        && other.getPrimaryResult()
                                .getLabel()
                                .equals(result.getPrimaryResult().getLabel())
                        && other.getParams()
                                .getParam("shape")
                                .equals(result.getParams().getParam("shape")))
                .map(other -> format("%.2f", median(other) / median(result)))
                .findFirst()
                .orElse("-");
    }

    private static double median(RunResult result) {
        return result.getPrimaryResult().getStatistics().getPercentile(50);
    }

    /** {@return the machine and the versions} */
    private static String setting() throws IOException {
        BuildInfo build = BuildInfo.load();
        Lines setting = new Lines();
        setting.add(
                "CPU      %s, %d cores",
                Provenance.cpuModel(), Runtime.getRuntime().availableProcessors());
        setting.add("OS       %s", Provenance.system());
        setting.add("JDK      %s", Provenance.jdk());
        setting.add("threads  %s", System.getenv("OMP_NUM_THREADS"));
        setting.add("DL4J     %s", build.dl4j());
        setting.add("PyTorch  %s, through DJL %s", Engine.getInstance().getVersion(), Engine.getDjlVersion());
        setting.add("commit   %s", build.commit());
        return setting.toString();
    }
}
