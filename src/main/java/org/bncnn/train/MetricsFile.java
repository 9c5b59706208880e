package org.bncnn.train;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.bncnn.store.AtomicFile;
import org.bncnn.store.JsonFile;
import org.bncnn.store.JsonFormatException;
import org.bncnn.store.UnwritableFileException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code metrics.jsonl}: one JSON object per line, written and forced to disk during the training. An object with
 * {@code meanLoss} is a {@link LossReport}, one with {@code trainLoss} an {@link EpochResult}, any other a
 * {@link LayerMetrics}.
 */
final class MetricsFile implements TrainingObserver, Closeable {
    private static final Logger log = LoggerFactory.getLogger(MetricsFile.class);

    /** @param metric one of the three records */
    private record Line(String text, Object metric) {}

    private final Path file;
    private final FileChannel channel;
    private final KnownFile known;

    /**
     * Opens the file to append to it. Lines that are ahead of the state or half written are deleted.
     *
     * @param start the state from which the training starts
     * @throws IOException if the file cannot be written or is damaged; it stays as it was then
     */
    MetricsFile(Path file, TrainingState start) throws IOException {
        this.file = file;
        List<Line> kept = (Files.exists(file) ? lines(file) : List.<Line>of())
                .stream().filter(line -> isBefore(line.metric(), start)).toList();
        List<EpochResult> epochs = metrics(file, kept).epochs();
        for (EpochResult epoch : epochs) {
            if (!start.epochs().contains(epoch)) {
                throw new IOException(file + ": differs from the checkpoint about epoch " + epoch.epoch()
                        + "; delete its line to continue without it");
            }
        }
        if (epochs.size() < start.epochs().size()) {
            log.warn("{}: lacks completed epochs, so the report will not show them", file);
        }
        AtomicFile.write(
                file,
                temporary ->
                        Files.write(temporary, kept.stream().map(Line::text).toList()));
        try {
            channel = FileChannel.open(file, StandardOpenOption.APPEND);
            known = KnownFile.of(file);
        } catch (IOException e) {
            throw new UnwritableFileException(file, e);
        }
    }

    /**
     * {@return the metrics of a file} Its last line may be half written, because the training is running or was killed;
     * it is left out then.
     *
     * @throws IOException if the file cannot be read, or is damaged; the message names the line
     */
    static Metrics read(Path file) throws IOException {
        return metrics(file, lines(file));
    }

    private static Metrics metrics(Path file, List<Line> lines) throws IOException {
        try {
            return new Metrics(
                    of(lines, LossReport.class), of(lines, EpochResult.class), of(lines, LayerMetrics.class));
        } catch (IllegalArgumentException e) {
            throw new IOException(file + ": " + e.getMessage(), e);
        }
    }

    private static <T> List<T> of(List<Line> lines, Class<T> type) {
        return lines.stream()
                .map(Line::metric)
                .filter(type::isInstance)
                .map(type::cast)
                .toList();
    }

    private static List<Line> lines(Path file) throws IOException {
        List<String> texts = new String(JsonFile.content(file), StandardCharsets.UTF_8)
                .lines()
                .toList();
        List<Line> lines = new ArrayList<>();
        for (String text : texts) {
            String source = file + ": line " + (lines.size() + 1);
            JsonNode metric;
            try {
                metric = JsonFile.parse(text, JsonNode.class);
            } catch (JsonFormatException e) {
                if (lines.size() == texts.size() - 1) {
                    break;
                }
                throw new IOException(source + " is damaged; delete it to continue without it", e);
            }
            lines.add(new Line(text, JsonFile.value(metric, type(metric), source)));
        }
        return lines;
    }

    private static Class<?> type(JsonNode metric) {
        if (metric.has("meanLoss")) {
            return LossReport.class;
        }
        return metric.has("trainLoss") ? EpochResult.class : LayerMetrics.class;
    }

    private static boolean isBefore(Object metric, TrainingState state) {
        int over = state.epochs().size();
        if (state.isBeginning()) {
            return false;
        }
        if (metric instanceof LossReport loss) {
            return loss.epoch() <= over || loss.epoch() == over + 1 && loss.batch() <= state.batches();
        }
        return metric instanceof EpochResult result ? result.epoch() <= over : ((LayerMetrics) metric).epoch() <= over;
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

    /** @throws IOException if the file was deleted or replaced */
    void requireSame() throws IOException {
        known.requireSame();
    }

    private void append(Object line) throws IOException {
        try {
            ByteBuffer text = StandardCharsets.UTF_8.encode(JsonFile.line(line) + '\n');
            while (text.hasRemaining()) {
                channel.write(text);
            }
            channel.force(false);
        } catch (IOException e) {
            throw new UnwritableFileException(file, e);
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
