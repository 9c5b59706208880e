package org.bncnn.train;

import java.io.BufferedWriter;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.bncnn.store.JsonFile;
import org.bncnn.store.UnwritableFileException;

/**
 * {@code metrics.jsonl}: one JSON object a line, written as the training goes. An object with {@code meanLoss} is a loss report, one
 * with {@code testAccuracy} the end of an epoch.
 */
final class MetricsFile implements TrainingObserver, Closeable {
    /** A loss report. */
    record LossReport(int epoch, int batch, double meanLoss) {}

    private final Path file;
    private final BufferedWriter writer;

    MetricsFile(Path file) throws IOException {
        this.file = file;
        writer = Files.newBufferedWriter(file);
    }

    @Override
    public void lossReported(int epoch, int batch, double meanLoss) throws IOException {
        append(new LossReport(epoch, batch, meanLoss));
    }

    @Override
    public void epochEnded(EpochResult result) throws IOException {
        append(result);
    }

    private void append(Object line) throws IOException {
        try {
            writer.write(JsonFile.line(line));
            writer.write('\n');
            writer.flush();
        } catch (IOException e) {
            throw new UnwritableFileException(file, e);
        }
    }

    @Override
    public void close() throws IOException {
        writer.close();
    }
}
