package org.bncnn.bench.layer;

import java.util.Collection;
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
        String setting = Setting.describe(); // now, so that PyTorch is unpacked before any time is taken
        Collection<RunResult> results = new Runner(options).run();
        System.out.println();
        System.out.println(new Ratios(results).table());
        System.out.println(setting);
    }
}
