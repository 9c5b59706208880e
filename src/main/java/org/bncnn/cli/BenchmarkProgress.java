package org.bncnn.cli;

import java.io.PrintWriter;
import org.bncnn.bench.BenchmarkObserver;
import org.bncnn.bench.BenchmarkText;
import org.bncnn.bench.Plan;

/** Shows how a benchmark goes: a line for each heat and, on a terminal, a bar of the turns. */
final class BenchmarkProgress implements BenchmarkObserver, AutoCloseable {
    private final PrintWriter out;
    private TerminalBar bar = new TerminalBar();

    BenchmarkProgress(PrintWriter out) {
        this.out = out;
    }

    /** The benchmark begins. */
    void start(int turns) {
        bar = new TerminalBar("Measuring", turns, " turns", 1);
    }

    @Override
    public void heatStarted(Plan.Entrants heat) {
        String point = heat.axis() == null ? "" : ": " + heat.point();
        bar.println(
                out,
                BenchmarkText.title(heat.workload(), heat.axis()) + point + ", "
                        + heat.contenders().size() + " contenders …");
    }

    @Override
    public void turnsEnded(int turns) {
        bar.stepBy(turns);
    }

    @Override
    public void close() {
        bar.close();
    }
}
