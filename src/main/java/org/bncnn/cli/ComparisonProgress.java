package org.bncnn.cli;

import java.io.PrintWriter;
import org.bncnn.compare.ComparisonObserver;
import org.bncnn.model.Norm;
import org.bncnn.train.TrainingObserver;

/** Shows a comparison: a line for each part, and the trainings as {@code bncnn train} shows them. */
final class ComparisonProgress implements ComparisonObserver, AutoCloseable {
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
    public TrainingObserver training(Norm norm) {
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
