package org.bncnn.weights;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.bncnn.store.ModelFileException;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Whatever happens to a file of {@code torch.save}, it is read as what it says, with finite values, or refused in one
 * line.
 */
class PyTorchProperties {
    private static final String PICKLE = "views/data.pkl";

    private static Path file;
    private static byte[] whole;
    private static final Map<String, byte[]> ENTRIES = new LinkedHashMap<>();

    @BeforeContainer
    static void read() throws Exception {
        Path fixture = Path.of(PyTorchProperties.class
                .getResource("/org/bncnn/export/pytorch/checkpoint/views.pt")
                .toURI());
        whole = Files.readAllBytes(fixture);
        try (ZipFile zip = new ZipFile(fixture.toFile())) {
            for (ZipEntry entry : zip.stream().toList()) {
                try (InputStream in = zip.getInputStream(entry)) {
                    ENTRIES.put(entry.getName(), in.readAllBytes());
                }
            }
        }
        file = Files.createTempFile("mutant", ".pt");
    }

    @AfterContainer
    static void delete() throws IOException {
        Files.delete(file);
    }

    @Property
    void flippedBitsAreNoticedOrHarmless(@ForAll @Size(min = 1, max = 8) List<Integer> bits) {
        isReadOrRefused(flipped(whole, bits));
    }

    /** Behind a checksum that fits. */
    @Property
    void bitsFlippedInThePickleAreNoticedOrHarmless(@ForAll @Size(min = 1, max = 3) List<Integer> bits) {
        pickleIsReadOrRefused(flipped(ENTRIES.get(PICKLE), bits));
    }

    /** Operations, not bits, are what a pickle is made of. */
    @Property
    void partsOfThePickleInAnotherPlaceAreNoticedOrHarmless(
            @ForAll @IntRange(max = 2000) int from,
            @ForAll @IntRange(max = 50) int length,
            @ForAll @IntRange(max = 2000) int to) {
        byte[] pickle = ENTRIES.get(PICKLE);
        int begin = from % pickle.length;
        int end = Math.min(pickle.length, begin + length);
        int place = to % pickle.length;
        byte[] moved = new byte[pickle.length + end - begin];
        System.arraycopy(pickle, 0, moved, 0, place);
        System.arraycopy(pickle, begin, moved, place, end - begin);
        System.arraycopy(pickle, place, moved, place + end - begin, pickle.length - place);
        pickleIsReadOrRefused(moved);
    }

    @Property(tries = 500)
    void anyPickleIsReadOrRefused(@ForAll byte[] bytes) {
        pickleIsReadOrRefused(bytes);
    }

    private static byte[] flipped(byte[] content, List<Integer> bits) {
        byte[] flipped = content.clone();
        for (int bit : bits) {
            int place = Math.floorMod(bit, Byte.SIZE * flipped.length);
            flipped[place / Byte.SIZE] ^= (byte) (1 << place % Byte.SIZE);
        }
        return flipped;
    }

    private static void pickleIsReadOrRefused(byte[] pickle) {
        Map<String, byte[]> entries = new LinkedHashMap<>(ENTRIES);
        entries.put(PICKLE, pickle);
        isReadOrRefused(PyTorchBytes.archive(entries));
    }

    private static void isReadOrRefused(byte[] bytes) {
        try {
            Files.write(file, bytes);
            for (INDArray tensor : PyTorchFile.read(file).tensors().values()) {
                if (!tensor.isEmpty()) {
                    double[] values =
                            tensor.castTo(DataType.DOUBLE).dup().data().asDouble();
                    assertThat(Arrays.stream(values)).allMatch(Double::isFinite);
                }
            }
        } catch (ModelFileException e) {
            assertThat(e)
                    .hasMessageStartingWith(file + ": is refused as PyTorch weights: ")
                    .message()
                    .doesNotContainPattern("\\p{Cntrl}");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
