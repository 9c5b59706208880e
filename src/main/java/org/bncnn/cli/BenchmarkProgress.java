package org.bncnn.cli;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.Optional;
import me.tongfei.progressbar.ProgressBar;
import org.bncnn.bench.BenchmarkObserver;
import org.bncnn.bench.BenchmarkText;
import org.bncnn.bench.Plan;

/** Shows how a benchmark goes: a line for each heat and, on a terminal, a bar of the turns. */
final class BenchmarkProgress implements BenchmarkObserver, AutoCloseable {
    private final PrintWriter out;
    private Optional<ProgressBar> bar = Optional.empty();

    BenchmarkProgress(PrintWriter out) {
        this.out = out;
    }

    /** The benchmark begins. */
    void start(int turns) {
        bar = TerminalBar.open("Measuring", turns, " turns", 1);
    }

    @Override
    public void heatStarted(Plan.Entrants heat) {
        if (bar.isPresent()) {
            TerminalBar.clearLine();
        }
        String point = heat.axis() == null ? "" : ": " + heat.point();
        out.printf(
                Locale.ROOT,
                "%s%s, %d contenders …%n",
                BenchmarkText.title(heat.workload(), heat.axis()),
                point,
                heat.contenders().size());
    }

    @Override
    public void turnsEnded(int turns) {
        bar.ifPresent(shown -> shown.stepBy(turns));
    }

    @Override
    public void close() {
        bar.ifPresent(ProgressBar::close);
    }
}
