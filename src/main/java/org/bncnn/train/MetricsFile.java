package org.bncnn.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedWriter;
import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.bncnn.store.AtomicFile;
import org.bncnn.store.JsonFile;
import org.bncnn.store.UnwritableFileException;

/**
 * {@code metrics.jsonl}: one JSON object a line, written as the training goes. An object with {@code meanLoss} is a {@link LossReport},
 * one with {@code trainLoss} an {@link EpochResult}, one with {@code layers} a {@link LayerMetrics}.
 */
final class MetricsFile implements TrainingObserver, Closeable {
    private record Line(String text, JsonNode metric) {}

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
            List<String> kept = wholeLines(file).stream()
                    .filter(line -> isBefore(line.metric(), start))
                    .map(Line::text)
                    .toList();
            AtomicFile.write(file, temporary -> Files.write(temporary, kept));
        }
        writer = Files.newBufferedWriter(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    /**
     * {@return the metrics of a file}, up to its last whole line: the next one may be half written, because the training goes on or was killed
     *
     * @throws IOException if it cannot be read, or whole lines are no metrics
     */
    static Metrics read(Path file) throws IOException {
        List<LossReport> losses = new ArrayList<>();
        List<EpochResult> epochs = new ArrayList<>();
        List<LayerMetrics> layers = new ArrayList<>();
        List<Line> lines = wholeLines(file);
        for (Line line : lines) {
            JsonNode metric = line.metric();
            try {
                if (metric.has("meanLoss")) {
                    losses.add(JsonFile.value(metric, LossReport.class));
                } else if (metric.has("trainLoss")) {
                    epochs.add(JsonFile.value(metric, EpochResult.class));
                } else {
                    layers.add(JsonFile.value(metric, LayerMetrics.class));
                }
            } catch (JsonProcessingException e) {
                throw new IOException(file + ": line " + (lines.indexOf(line) + 1) + " is no metric of bncnn train", e);
            }
        }
        return new Metrics(losses, epochs, layers);
    }

    /** {@return the lines before the first that is not a JSON object} */
    private static List<Line> wholeLines(Path file) throws IOException {
        List<Line> lines = new ArrayList<>();
        for (String text : new String(Files.readAllBytes(file), StandardCharsets.UTF_8)
                .lines()
                .toList()) {
            try {
                JsonNode metric = JsonFile.parse(text, JsonNode.class);
                if (!metric.isObject()) {
                    break;
                }
                lines.add(new Line(text, metric));
            } catch (JsonProcessingException halfWritten) {
                break;
            }
        }
        return lines;
    }

    private static boolean isBefore(JsonNode metric, TrainingState state) {
        if (state.isBeginning()) {
            return false;
        }
        int epoch = metric.path("epoch").asInt();
        int over = state.epochs().size();
        return epoch <= over || epoch == over + 1 && metric.path("batch").asInt(Integer.MAX_VALUE) <= state.batches();
    }

    @Override
    public void lossReported(int epoch, int batch, double meanLoss) throws IOException {
        append(new LossReport(epoch, batch, meanLoss));
    }

    @Override
    public void epochEnded(EpochResult result) throws IOException {
        append(result);
    }

    @Override
    public void layersProbed(LayerMetrics layers) throws IOException {
        append(layers);
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
