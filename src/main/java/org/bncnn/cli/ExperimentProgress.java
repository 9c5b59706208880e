package org.bncnn.cli;

import java.util.Locale;
import org.bncnn.experiment.ExperimentResult.Trial;
import org.bncnn.experiment.ExperimentRunner;

/** Shows an experiment: a bar on a terminal, a line for each trial elsewhere. */
final class ExperimentProgress implements ExperimentRunner.Observer, AutoCloseable {
    private TerminalBar bar = new TerminalBar();

    @Override
    public void trialStarted(String norm, String setting, int done, int all) {
        if (done == 0) {
            bar = new TerminalBar("Training", all, " networks", 1);
        }
        if (!bar.isShown()) {
            System.err.printf(Locale.ROOT, "%d of %d: %s with norm %s …%n", done + 1, all, setting, norm);
        }
    }

    @Override
    public void trialEnded(Trial trial) {
        bar.stepBy(1);
    }

    @Override
    public void close() {
        bar.close();
    }
}
