package org.bncnn.train;

import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.DoubleSummaryStatistics;
import java.util.function.Supplier;
import java.util.zip.CRC32C;
import org.bncnn.eval.Histogram;
import org.bncnn.eval.LayerSignal;
import org.bncnn.store.UnwritableFileException;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.protobuf.CodedOutputStream;
import org.tensorflow.framework.HistogramProto;
import org.tensorflow.framework.Summary;

/**
 * An event file that TensorBoard reads: losses, accuracy, speed and gradient norms as scalars; after each epoch every
 * parameter as a histogram, γ, β and running statistics among them. Steps are batches, counted from the training's
 * beginning.
 *
 * <p>Events are protocol buffers in TFRecord frames. ND4J has the generated class of what an event carries,
 * {@link Summary}, but not that of the event, whose three fields are written here.
 */
public final class TensorBoardFile implements TrainingObserver, Closeable {
    private static final String VERSION = "brain.Event:2";
    private static final int WALL_TIME_FIELD = 1;
    private static final int STEP_FIELD = 2;
    private static final int VERSION_FIELD = 3;
    private static final int SUMMARY_FIELD = 5;

    private static final int BUCKETS = 30;

    /** TFRecord's: a checksum of bytes that hold a checksum says little, so it is rotated and moved. */
    private static final int CRC_ROTATION = 15;

    private static final int CRC_OFFSET = 0xa282ead8;

    private final Path file;
    private final Supplier<MultiLayerNetwork> network;
    private final int batchesPerEpoch;
    private final OutputStream out;

    /**
     * Makes the file.
     *
     * @param folder the folder that TensorBoard is told to look into; made if need be
     * @param network gives the network that is trained, once the training has begun
     * @param batchesPerEpoch number of batches in an epoch
     * @throws IOException if the file cannot be written
     */
    public TensorBoardFile(Path folder, Supplier<MultiLayerNetwork> network, int batchesPerEpoch) throws IOException {
        this.network = network;
        this.batchesPerEpoch = batchesPerEpoch;
        try {
            Files.createDirectories(folder);
            file = newFile(folder);
            out = new BufferedOutputStream(Files.newOutputStream(file));
        } catch (IOException e) {
            throw new UnwritableFileException(folder, e);
        }
        write(0, null);
    }

    /** {@return a new file} Its name has the second, in which another part of the training may have begun. */
    private static Path newFile(Path folder) throws IOException {
        for (long second = System.currentTimeMillis() / 1000; ; second++) {
            try {
                return Files.createFile(folder.resolve("events.out.tfevents." + second + ".bncnn"));
            } catch (FileAlreadyExistsException taken) {
                // The next one, then.
            }
        }
    }

    @Override
    public void lossReported(int epoch, int batch, double meanLoss) throws IOException {
        write(
                step(epoch - 1, batch),
                Summary.newBuilder().addValue(scalar("loss", meanLoss)).build());
    }

    @Override
    public void layersProbed(LayerMetrics layers) throws IOException {
        Summary.Builder summary = Summary.newBuilder();
        for (LayerSignal layer : layers.layers()) {
            summary.addValue(scalar("gradient norm/" + layer.layer(), layer.gradientNorm()));
        }
        write(step(layers.epoch(), 0), summary.build());
    }

    @Override
    public void epochEnded(EpochResult result) throws IOException {
        Summary.Builder summary = Summary.newBuilder()
                .addValue(scalar("epoch/train loss", result.trainLoss()))
                .addValue(scalar("epoch/images per second", result.imagesPerSecond()));
        Measurement measured = result.measured();
        if (measured != null) {
            summary.addValue(scalar("epoch/" + measured.images() + " loss", measured.loss()))
                    .addValue(scalar("epoch/" + measured.images() + " accuracy", measured.accuracy()));
        }
        for (var layer : network.get().getLayers()) {
            String name = layer.conf().getLayer().getLayerName();
            layer.paramTable()
                    .forEach((parameter, values) -> summary.addValue(Summary.Value.newBuilder()
                            .setTag(name + "/" + parameter)
                            .setHisto(histogram(values))));
        }
        write(step(result.epoch(), 0), summary.build());
    }

    private long step(int epochs, int batches) {
        return (long) epochs * batchesPerEpoch + batches;
    }

    private static Summary.Value scalar(String tag, double value) {
        return Summary.Value.newBuilder()
                .setTag(tag)
                .setSimpleValue((float) value)
                .build();
    }

    private static HistogramProto histogram(INDArray array) {
        double[] values = array.dup().data().asDouble();
        Histogram histogram = Histogram.of(values, BUCKETS);
        DoubleSummaryStatistics statistics = Arrays.stream(values).summaryStatistics();
        HistogramProto.Builder proto = HistogramProto.newBuilder()
                .setMin(statistics.getMin())
                .setMax(statistics.getMax())
                .setNum(values.length)
                .setSum(statistics.getSum())
                .setSumSquares(Arrays.stream(values).map(value -> value * value).sum());
        for (int i = 0; i < BUCKETS; i++) {
            proto.addBucketLimit(histogram.from() + (i + 1) * histogram.binWidth())
                    .addBucket(histogram.counts().get(i));
        }
        return proto.build();
    }

    /** @param summary null for the first event, which has the version instead */
    private void write(long step, Summary summary) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        CodedOutputStream event = CodedOutputStream.newInstance(bytes);
        event.writeDouble(WALL_TIME_FIELD, System.currentTimeMillis() / 1e3);
        if (summary == null) {
            event.writeString(VERSION_FIELD, VERSION);
        } else {
            event.writeInt64(STEP_FIELD, step);
            event.writeMessage(SUMMARY_FIELD, summary);
        }
        event.flush();
        try {
            writeRecord(bytes.toByteArray());
            out.flush();
        } catch (IOException e) {
            throw new UnwritableFileException(file, e);
        }
    }

    /** Length, its checksum, content, its checksum; little-endian. */
    private void writeRecord(byte[] content) throws IOException {
        byte[] length = littleEndian(Long.BYTES).putLong(content.length).array();
        out.write(length);
        out.write(maskedCrc(length));
        out.write(content);
        out.write(maskedCrc(content));
    }

    private static byte[] maskedCrc(byte[] content) {
        CRC32C crc = new CRC32C();
        crc.update(content);
        int masked = Integer.rotateRight((int) crc.getValue(), CRC_ROTATION) + CRC_OFFSET;
        return littleEndian(Integer.BYTES).putInt(masked).array();
    }

    private static ByteBuffer littleEndian(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    @Override
    public void close() throws IOException {
        out.close();
    }
}
