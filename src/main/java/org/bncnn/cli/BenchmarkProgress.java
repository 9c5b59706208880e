package org.bncnn.cli;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.Optional;
import me.tongfei.progressbar.ProgressBar;
import org.bncnn.bench.Benchmark;

/** Shows the progress of a benchmark: a line for each workload and, on a terminal, a bar of the iterations. */
final class BenchmarkProgress implements Benchmark.Observer, AutoCloseable {
    private final PrintWriter out;
    private final Optional<ProgressBar> bar;

    BenchmarkProgress(PrintWriter out, int iterations) {
        this.out = out;
        bar = TerminalBar.open("Measuring", iterations, " iterations", 1);
    }

    @Override
    public void workloadStarted(String title, int runs) {
        if (bar.isPresent()) {
            TerminalBar.clearLine();
        }
        out.printf(Locale.ROOT, "%s, %d runs …%n", title, runs);
    }

    @Override
    public void iterationsEnded(int iterations) {
        bar.ifPresent(shown -> shown.stepBy(iterations));
    }

    @Override
    public void close() {
        bar.ifPresent(ProgressBar::close);
    }
}
