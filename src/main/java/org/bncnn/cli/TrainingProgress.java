package org.bncnn.cli;

import java.io.PrintWriter;
import org.bncnn.text.Numbers;
import org.bncnn.train.EpochResult;
import org.bncnn.train.TrainingObserver;

/** Shows a training: the reference's lines on standard output and, on a terminal, a bar below them. */
final class TrainingProgress implements TrainingObserver, AutoCloseable {
    private final PrintWriter out;
    private final int epochs;
    private final long imagesPerEpoch;
    private final TerminalBar bar;

    TrainingProgress(PrintWriter out, int epochs, long imagesPerEpoch) {
        this.out = out;
        this.epochs = epochs;
        this.imagesPerEpoch = imagesPerEpoch;
        this.bar = new TerminalBar("Training", epochs * imagesPerEpoch, " images", 1);
    }

    @Override
    public void batchTrained(int epoch, int images) {
        bar.stepTo((epoch - 1) * imagesPerEpoch + images);
    }

    @Override
    public void lossReported(int epoch, int batch, double meanLoss) {
        bar.println(out, Numbers.format("epoch[%d, %5d] loss: %.3f", epoch, batch, meanLoss));
    }

    @Override
    public void epochEnded(EpochResult result) {
        double seconds = (epochs - result.epoch()) * result.seconds();
        String measured = result.measured() == null
                ? Numbers.format("training loss: %.4f", result.trainLoss())
                : result.measured().images() + " accuracy: "
                        + Numbers.percent(result.measured().accuracy());
        bar.println(
                out,
                Numbers.format(
                        "epoch[%d of %d] %s, %,.0f images/s, about %s left",
                        result.epoch(),
                        epochs,
                        measured,
                        result.imagesPerSecond(),
                        seconds < 100 ? Numbers.format("%.0f s", seconds) : Numbers.format("%.0f min", seconds / 60)));
    }

    @Override
    public void close() {
        bar.close();
    }
}
