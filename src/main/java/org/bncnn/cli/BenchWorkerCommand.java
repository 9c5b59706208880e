package org.bncnn.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Callable;
import org.bncnn.bench.BenchmarkWorker;
import picocli.CommandLine.Command;

/** {@code bncnn bench-worker}: the process of one run; {@code bncnn bench} starts it. */
@Command(name = BenchWorkerCommand.NAME, hidden = true)
final class BenchWorkerCommand implements Callable<Integer> {
    static final String NAME = "bench-worker";

    /** Arguments with which a Java virtual machine runs this command. */
    static final List<String> MAIN = List.of(Main.class.getName(), NAME);

    @Override
    public Integer call() throws IOException {
        PrintStream answers = System.out;
        System.setOut(System.err); // text that a library prints is no answer
        try (BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            BenchmarkWorker.serve(in, new PrintStream(answers, true, StandardCharsets.UTF_8));
        }
        return 0;
    }
}
