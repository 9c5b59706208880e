package org.bncnn.train;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedWriter;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.bncnn.store.AtomicFile;
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

    /**
     * Opens the file to append to it; what it has from beyond the state, or half written, goes.
     *
     * @param start where the training begins
     */
    MetricsFile(Path file, TrainingState start) throws IOException {
        this.file = file;
        if (Files.exists(file)) {
            List<String> kept = Files.readAllLines(file).stream()
                    .takeWhile(line -> isBefore(line, start))
                    .toList();
            AtomicFile.write(file, temporary -> Files.write(temporary, kept));
        }
        writer = Files.newBufferedWriter(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    private static boolean isBefore(String line, TrainingState state) {
        try {
            JsonNode metric = JsonFile.parse(line, JsonNode.class);
            int epoch = metric.path("epoch").asInt();
            int over = state.epochs().size();
            return epoch <= over
                    || epoch == over + 1 && metric.path("batch").asInt(Integer.MAX_VALUE) <= state.batches();
        } catch (IOException halfWritten) {
            return false;
        }
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
