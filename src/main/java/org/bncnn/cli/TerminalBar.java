package org.bncnn.cli;

import java.util.Optional;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** A progress bar with speed and remaining time on the last line of a terminal. */
final class TerminalBar {
    private static final String CLEAR_LINE = "\r\u001b[2K";
    private static final int UPDATE_MILLIS = 250;
    private static final int DEFAULT_COLUMNS = 80;

    private TerminalBar() {}

    /** {@return a bar, where standard error is a terminal} */
    static Optional<ProgressBar> open(String task, long total, String unit, long unitSize) {
        int columns = columns();
        if (columns == 0) {
            return Optional.empty();
        }
        return Optional.of(new ProgressBarBuilder()
                // Draws on the cursor's own line, which clearLine clears. Without a width it asks JLine for one, which
                // takes
                // over the handling of Ctrl-C, so that nothing would be saved.
                .setConsumer(new ConsoleProgressBarConsumer(System.err, columns))
                .setTaskName(task)
                .setInitialMax(total)
                .setUnit(unit, unitSize)
                .setUpdateIntervalMillis(UPDATE_MILLIS)
                .setStyle(ProgressBarStyle.UNICODE_BLOCK)
                .showSpeed()
                .clearDisplayOnFinish()
                .build());
    }

    /** Makes room for a line of output; the bar draws itself again below it. */
    static void clearLine() {
        System.err.print(CLEAR_LINE);
    }

    /**
     * The width of the terminal that standard error is, 0 if it is none. The launcher knows; Java 17 can only tell whether input and
     * output both are a terminal.
     */
    private static int columns() {
        return Integer.getInteger("bncnn.columns", System.console() == null ? 0 : DEFAULT_COLUMNS);
    }
}
