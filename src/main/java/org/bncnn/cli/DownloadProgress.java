package org.bncnn.cli;

import java.util.Optional;
import me.tongfei.progressbar.ProgressBar;
import org.bncnn.data.DatasetLocator;

/** Shows on a terminal how a download goes: a bar for each file. */
final class DownloadProgress implements DatasetLocator.Progress, AutoCloseable {
    private static final long MIB = 1 << 20;

    private String file = "";
    private Optional<ProgressBar> bar = Optional.empty();

    @Override
    public void fetched(String name, long done, long total) {
        if (!name.equals(file)) {
            close();
            file = name;
            bar = TerminalBar.open(name, total, " MiB", MIB);
        }
        bar.ifPresent(shown -> shown.stepTo(done));
    }

    @Override
    public void close() {
        bar.ifPresent(ProgressBar::close);
    }
}
