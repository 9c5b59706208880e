package org.bncnn.cli;

import java.io.PrintWriter;
import org.bncnn.bench.Benchmark;
import org.bncnn.text.Numbers;

/** Shows the progress of a benchmark: a line for each workload and, on a terminal, a bar of the iterations. */
final class BenchmarkProgress implements Benchmark.Observer, AutoCloseable {
    private final PrintWriter out;
    private final TerminalBar bar;

    BenchmarkProgress(PrintWriter out, int iterations) {
        this.out = out;
        bar = new TerminalBar("Measuring", iterations, " iterations", 1);
    }

    @Override
    public void workloadStarted(String title, int runs) {
        bar.println(out, Numbers.format("%s, %d runs …", title, runs));
    }

    @Override
    public void iterationsEnded(int iterations) {
        bar.stepBy(iterations);
    }

    @Override
    public void close() {
        bar.close();
    }
}
