package org.bncnn.weights;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.bncnn.store.ModelFileException;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Whatever happens to a safetensors file, it is read as what it says, with finite values, or refused in one line. */
class SafetensorsProperties {
    private static Path file;
    private static byte[] whole;

    @BeforeContainer
    static void write() throws IOException {
        file = Files.createTempFile("mutant", ".safetensors");
        new WeightsFile(
                        Map.of(
                                "conv1.weight", Nd4j.rand(2, 1, 3, 3),
                                "bn1.running_var", Nd4j.createFromArray(0.5, 2),
                                "bn1.num_batches_tracked", Nd4j.scalar(62L)),
                        Map.of("format", "pt"))
                .save(file);
        whole = Files.readAllBytes(file);
    }

    @AfterContainer
    static void delete() throws IOException {
        Files.delete(file);
    }

    @Property
    void flippedBitsAreNoticedOrHarmless(@ForAll @Size(min = 1, max = 8) List<Integer> bits) {
        byte[] flipped = whole.clone();
        for (int bit : bits) {
            flip(flipped, Math.floorMod(bit, Byte.SIZE * flipped.length));
        }
        isReadOrRefused(flipped);
    }

    /** Most of what can go wrong is there. */
    @Property
    void bitsFlippedInTheHeaderAreNoticedOrHarmless(@ForAll @Size(min = 1, max = 3) List<Integer> bits) {
        byte[] flipped = whole.clone();
        long header = ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN).getLong();
        for (int bit : bits) {
            flip(flipped, Math.floorMod(bit, Byte.SIZE * (int) (Long.BYTES + header)));
        }
        isReadOrRefused(flipped);
    }

    @Property(tries = 300)
    void anyBytesAreReadOrRefused(@ForAll byte[] bytes) {
        isReadOrRefused(bytes);
    }

    @Property(tries = 500)
    void anyHeaderIsReadOrRefused(
            @ForAll @Size(max = 4) List<Integer> shape, @ForAll int begin, @ForAll int end, @ForAll byte[] data) {
        String header = "{" + SafetensorsBytes.tensor("x", "F32", shape.toString(), begin, end) + "}";
        isReadOrRefused(SafetensorsBytes.file(header.getBytes(StandardCharsets.US_ASCII), data));
    }

    private static void flip(byte[] bytes, int bit) {
        bytes[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
    }

    private static void isReadOrRefused(byte[] bytes) {
        try {
            Files.write(file, bytes);
            WeightsFile read = SafetensorsFile.read(file);
            for (INDArray tensor : read.tensors().values()) {
                assertThat(tensor.length()).isBetween(1L, (long) bytes.length);
                assertThat(Arrays.stream(tensor.dup().data().asDouble())).allMatch(Double::isFinite);
            }
        } catch (ModelFileException e) {
            assertThat(e)
                    .hasMessageStartingWith(file + ": is refused as safetensors: ")
                    .message()
                    .doesNotContainPattern("\\p{Cntrl}");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
