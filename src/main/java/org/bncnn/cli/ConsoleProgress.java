package org.bncnn.cli;

import java.io.PrintWriter;
import java.util.Locale;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.bncnn.data.FetchProgress;
import org.bncnn.train.EpochResult;
import org.bncnn.train.TrainingObserver;

/**
 * Shows how a training or a download goes: the reference's lines on standard output, and, where standard error is a terminal, a bar
 * below them with speed and remaining time.
 */
final class ConsoleProgress implements TrainingObserver, FetchProgress, AutoCloseable {
    private static final String CLEAR_LINE = "\r\u001b[2K";
    private static final int UPDATE_MILLIS = 250;
    private static final long MIB = 1 << 20;
    private static final int DEFAULT_COLUMNS = 80;
    private static final int COLUMNS = columns();

    private final PrintWriter out;
    private final int epochs;
    private final long imagesPerEpoch;
    private ProgressBar bar;

    private ConsoleProgress(PrintWriter out, int epochs, long imagesPerEpoch) {
        this.out = out;
        this.epochs = epochs;
        this.imagesPerEpoch = imagesPerEpoch;
    }

    /** {@return a display of a training of so many epochs} */
    static ConsoleProgress training(PrintWriter out, int epochs, long imagesPerEpoch) {
        ConsoleProgress progress = new ConsoleProgress(out, epochs, imagesPerEpoch);
        progress.open("Training", epochs * imagesPerEpoch, " images", 1);
        return progress;
    }

    /** {@return a display of downloads} */
    static ConsoleProgress fetching(PrintWriter out) {
        return new ConsoleProgress(out, 0, 0);
    }

    @Override
    public void fetched(String file, long done, long total) {
        if (bar == null || !bar.getTaskName().equals(file)) {
            close();
            open(file, total, " MiB", MIB);
        }
        if (bar != null) {
            bar.stepTo(done);
        }
    }

    @Override
    public void batchTrained(int epoch, int images) {
        if (bar != null) {
            bar.stepTo((epoch - 1) * imagesPerEpoch + images);
        }
    }

    @Override
    public void lossReported(int epoch, int batch, double meanLoss) {
        println(String.format(Locale.ROOT, "epoch[%d, %5d] loss: %.3f", epoch, batch, meanLoss));
    }

    @Override
    public void epochEnded(EpochResult result) {
        println(String.format(
                Locale.ROOT,
                "epoch[%d of %d] test accuracy: %.2f %%, %,.0f images/s, about %s left",
                result.epoch(),
                epochs,
                100 * result.testAccuracy(),
                result.imagesPerSecond(),
                duration((epochs - result.epoch()) * result.seconds())));
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
            bar = null;
        }
    }

    private void open(String task, long total, String unit, long unitSize) {
        if (COLUMNS > 0) {
            bar = new ProgressBarBuilder()
                    // Draws on the cursor's own line, which println clears. Without a width it asks JLine for one,
                    // which
                    // takes over the handling of Ctrl-C, so that nothing would be saved.
                    .setConsumer(new ConsoleProgressBarConsumer(System.err, COLUMNS))
                    .setTaskName(task)
                    .setInitialMax(total)
                    .setUnit(unit, unitSize)
                    .setUpdateIntervalMillis(UPDATE_MILLIS)
                    .setStyle(ProgressBarStyle.UNICODE_BLOCK)
                    .showSpeed()
                    .clearDisplayOnFinish()
                    .build();
        }
    }

    private void println(String line) {
        if (bar != null) {
            System.err.print(CLEAR_LINE);
        }
        out.println(line);
    }

    private static String duration(double seconds) {
        return seconds < 100
                ? String.format(Locale.ROOT, "%.0f s", seconds)
                : String.format(Locale.ROOT, "%.0f min", seconds / 60);
    }

    /**
     * The width of the terminal that standard error is, 0 if it is none. The launcher knows; Java 17 can only tell whether input and
     * output both are a terminal.
     */
    private static int columns() {
        return Integer.getInteger("bncnn.columns", System.console() == null ? 0 : DEFAULT_COLUMNS);
    }
}
