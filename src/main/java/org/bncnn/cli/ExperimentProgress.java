package org.bncnn.cli;

import java.util.Locale;
import java.util.Optional;
import me.tongfei.progressbar.ProgressBar;
import org.bncnn.experiment.ExperimentResult.Trial;
import org.bncnn.experiment.ExperimentRunner;

/** Shows how an experiment goes: a bar on a terminal, a line for each trial elsewhere. */
final class ExperimentProgress implements ExperimentRunner.Observer, AutoCloseable {
    private Optional<ProgressBar> bar = Optional.empty();

    @Override
    public void trialStarted(String norm, String setting, int done, int all) {
        if (done == 0) {
            bar = TerminalBar.open("Training", all, " networks", 1);
        }
        if (bar.isEmpty()) {
            System.err.printf(Locale.ROOT, "%d of %d: %s with norm %s …%n", done + 1, all, setting, norm);
        }
    }

    @Override
    public void trialEnded(Trial trial) {
        bar.ifPresent(ProgressBar::step);
    }

    @Override
    public void close() {
        bar.ifPresent(ProgressBar::close);
    }
}
