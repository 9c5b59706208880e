package org.bncnn.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.bncnn.model.Norm;
import org.bncnn.model.Recipe;
import org.bncnn.model.ReferenceCnn;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeConvolutional;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.protobuf.CodedInputStream;
import org.nd4j.shade.protobuf.WireFormat;
import org.tensorflow.framework.HistogramProto;
import org.tensorflow.framework.Summary;

class TensorBoardFileTest {
    private static final int BATCHES = 32;

    /** What an event has beside its time. */
    private record Event(String version, long step, Summary summary) {}

    @TempDir
    private Path folder;

    private final MultiLayerNetwork network = ReferenceCnn.initialise(ReferenceCnn.configuration(
            Norm.CUSTOM, (InputTypeConvolutional) InputType.convolutional(16, 16, 1), 4, Recipe.REFERENCE));

    @Test
    void scalarsAndHistogramsComeBack() throws IOException {
        try (TensorBoardFile board = new TensorBoardFile(folder.resolve("board"), () -> network, BATCHES)) {
            board.lossReported(2, 20, 1.25);
            board.epochEnded(new EpochResult(2, 1.5, new Measurement(HeldOut.TEST, 0.75, 0.5), 3, 1000));
        }
        List<Event> events = read();
        assertThat(events).hasSize(3);
        assertThat(events.get(0).version()).isEqualTo("brain.Event:2");
        assertThat(events.get(1).step()).isEqualTo(BATCHES + 20);
        assertThat(events.get(1).summary().getValueList()).singleElement().satisfies(value -> {
            assertThat(value.getTag()).isEqualTo("loss");
            assertThat(value.getSimpleValue()).isEqualTo(1.25f);
        });
        assertThat(events.get(2).step()).isEqualTo(2 * BATCHES);
        List<Summary.Value> epoch = events.get(2).summary().getValueList();
        assertThat(epoch)
                .extracting(Summary.Value::getTag)
                .contains("epoch/test accuracy", "conv1/W", "bn1/gamma", "bn1/var", "fc2/b");
        for (Summary.Value value : epoch) {
            if (value.hasHisto()) {
                String[] tag = value.getTag().split("/");
                assertHistogram(value.getHisto(), network.getLayer(tag[0]).getParam(tag[1]));
            }
        }
    }

    /** TensorFlow's own event files begin so: a first event of 24 bytes, and the checksum of that length. */
    @Test
    void theFrameIsTensorFlows() throws IOException {
        new TensorBoardFile(folder.resolve("board"), () -> network, BATCHES).close();
        byte[] start = Arrays.copyOf(content(), 12);
        assertThat(HexFormat.of().formatHex(start)).isEqualTo("1800000000000000a37f4b22");
    }

    private static void assertHistogram(HistogramProto histogram, INDArray values) {
        assertThat(histogram.getNum()).isEqualTo(values.length());
        assertThat(histogram.getMin()).isCloseTo(values.minNumber().doubleValue(), within(1e-6));
        assertThat(histogram.getMax()).isCloseTo(values.maxNumber().doubleValue(), within(1e-6));
        assertThat(histogram.getSum()).isCloseTo(values.sumNumber().doubleValue(), within(1e-2));
        assertThat(histogram.getBucketList().stream()
                        .mapToDouble(Double::doubleValue)
                        .sum())
                .isEqualTo(values.length());
        assertThat(histogram.getBucketLimitList()).isSorted();
        assertThat(histogram.getBucketLimit(histogram.getBucketLimitCount() - 1))
                .isGreaterThanOrEqualTo(histogram.getMax() - 1e-6);
    }

    private byte[] content() throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve("board"))) {
            Path file = files.findFirst().orElseThrow();
            assertThat(file.getFileName().toString()).contains("tfevents");
            return Files.readAllBytes(file);
        }
    }

    private List<Event> read() throws IOException {
        ByteBuffer in = ByteBuffer.wrap(content()).order(ByteOrder.LITTLE_ENDIAN);
        List<Event> events = new ArrayList<>();
        while (in.hasRemaining()) {
            byte[] length = new byte[Long.BYTES];
            in.get(length);
            assertThat(in.getInt()).isEqualTo(masked(length));
            byte[] event = new byte
                    [(int) ByteBuffer.wrap(length)
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .getLong()];
            in.get(event);
            assertThat(in.getInt()).isEqualTo(masked(event));
            events.add(parse(event));
        }
        return events;
    }

    private static int masked(byte[] content) {
        CRC32C crc = new CRC32C();
        crc.update(content);
        int value = (int) crc.getValue();
        return (value >>> 15 | value << 17) + 0xa282ead8;
    }

    private static Event parse(byte[] content) throws IOException {
        CodedInputStream in = CodedInputStream.newInstance(content);
        String version = null;
        long step = 0;
        Summary summary = null;
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            switch (WireFormat.getTagFieldNumber(tag)) {
                case 1 -> assertThat(in.readDouble()).isGreaterThan(1.5e9);
                case 2 -> step = in.readInt64();
                case 3 -> version = in.readString();
                case 5 -> summary = Summary.parseFrom(in.readByteArray());
                default -> throw new AssertionError("no event has field " + tag);
            }
        }
        return new Event(version, step, summary);
    }
}
