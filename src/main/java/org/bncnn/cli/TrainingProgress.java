package org.bncnn.cli;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.Optional;
import me.tongfei.progressbar.ProgressBar;
import org.bncnn.train.EpochResult;
import org.bncnn.train.Measurement;
import org.bncnn.train.TrainingObserver;

/** Shows how a training goes: the reference's lines on standard output and, on a terminal, a bar below them. */
final class TrainingProgress implements TrainingObserver, AutoCloseable {
    private final PrintWriter out;
    private final int epochs;
    private final long imagesPerEpoch;
    private final Optional<ProgressBar> bar;

    TrainingProgress(PrintWriter out, int epochs, long imagesPerEpoch) {
        this.out = out;
        this.epochs = epochs;
        this.imagesPerEpoch = imagesPerEpoch;
        this.bar = TerminalBar.open("Training", epochs * imagesPerEpoch, " images", 1);
    }

    @Override
    public void batchTrained(int epoch, int images) {
        bar.ifPresent(shown -> shown.stepTo((epoch - 1) * imagesPerEpoch + images));
    }

    @Override
    public void lossReported(int epoch, int batch, double meanLoss) {
        println(String.format(Locale.ROOT, "epoch[%d, %5d] loss: %.3f", epoch, batch, meanLoss));
    }

    @Override
    public void epochEnded(EpochResult result) {
        println(String.format(
                Locale.ROOT,
                "epoch[%d of %d] %s, %,.0f images/s, about %s left",
                result.epoch(),
                epochs,
                result.measured() == null ? lossOf(result) : accuracyOf(result.measured()),
                result.imagesPerSecond(),
                duration((epochs - result.epoch()) * result.seconds())));
    }

    private static String lossOf(EpochResult result) {
        return String.format(Locale.ROOT, "training loss: %.4f", result.trainLoss());
    }

    private static String accuracyOf(Measurement measured) {
        return String.format(Locale.ROOT, "%s accuracy: %.2f %%", measured.images(), 100 * measured.accuracy());
    }

    @Override
    public void close() {
        bar.ifPresent(ProgressBar::close);
    }

    private void println(String line) {
        if (bar.isPresent()) {
            TerminalBar.clearLine();
        }
        out.println(line);
    }

    private static String duration(double seconds) {
        return seconds < 100
                ? String.format(Locale.ROOT, "%.0f s", seconds)
                : String.format(Locale.ROOT, "%.0f min", seconds / 60);
    }
}
