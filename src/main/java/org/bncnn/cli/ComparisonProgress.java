package org.bncnn.cli;

import java.io.PrintWriter;
import org.bncnn.compare.NormComparison;
import org.bncnn.train.TrainingObserver;

/** Shows the progress of a comparison: a line for each part, and trainings as {@code bncnn train} shows them. */
final class ComparisonProgress implements NormComparison.Observer, AutoCloseable {
    private final PrintWriter out;
    private final int epochs;
    private final long imagesPerEpoch;
    private TrainingProgress training;

    ComparisonProgress(PrintWriter out, int epochs, long imagesPerEpoch) {
        this.out = out;
        this.epochs = epochs;
        this.imagesPerEpoch = imagesPerEpoch;
    }

    @Override
    public void partStarted(String part) {
        close();
        out.println(part + " …");
    }

    @Override
    public TrainingObserver training() {
        training = new TrainingProgress(out, epochs, imagesPerEpoch);
        return training;
    }

    @Override
    public void close() {
        if (training != null) {
            training.close();
            training = null;
        }
    }
}
