package org.bncnn.cli;

import java.io.PrintWriter;
import java.util.Optional;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** A progress bar with speed and remaining time on the last line of a terminal; elsewhere there is none. */
final class TerminalBar implements AutoCloseable {
    private static final String CLEAR_LINE = "\r\u001b[2K";
    private static final int UPDATE_MILLIS = 250;
    private static final int DEFAULT_COLUMNS = 80;

    private final Optional<ProgressBar> bar;

    /** No bar yet. */
    TerminalBar() {
        bar = Optional.empty();
    }

    TerminalBar(String task, long total, String unit, long unitSize) {
        bar = columns() == 0 ? Optional.empty() : Optional.of(open(task, total, unit, unitSize));
    }

    private static ProgressBar open(String task, long total, String unit, long unitSize) {
        // The consumer draws on the cursor's own line, which println clears. Without a width it asks JLine for one,
        // which takes over the handling of Ctrl-C, so that nothing would be saved.
        return new ProgressBarBuilder()
                .setConsumer(new ConsoleProgressBarConsumer(System.err, columns()))
                .setTaskName(task)
                .setInitialMax(total)
                .setUnit(unit, unitSize)
                .setUpdateIntervalMillis(UPDATE_MILLIS)
                .setStyle(ProgressBarStyle.UNICODE_BLOCK)
                .showSpeed()
                .clearDisplayOnFinish()
                .build();
    }

    /**
     * The width of the terminal that standard error is, 0 if it is none. The launcher knows; Java 17 can only tell
     * whether input and output both are a terminal.
     */
    private static int columns() {
        return Integer.getInteger("bncnn.columns", System.console() == null ? 0 : DEFAULT_COLUMNS);
    }

    boolean isShown() {
        return bar.isPresent();
    }

    void stepTo(long done) {
        bar.ifPresent(shown -> shown.stepTo(done));
    }

    void stepBy(long more) {
        bar.ifPresent(shown -> shown.stepBy(more));
    }

    /** Prints a line; the bar draws itself again below it. */
    void println(PrintWriter out, String line) {
        if (isShown()) {
            System.err.print(CLEAR_LINE);
        }
        out.println(line);
    }

    @Override
    public void close() {
        bar.ifPresent(ProgressBar::close);
    }
}
