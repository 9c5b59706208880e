package org.bncnn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class IdxFileTest {
    private static final byte[] IMAGES = IdxBytes.images(3, 4, 5);

    @Test
    void readsPlainAndGzippedFilesAlike() throws Exception {
        IdxFile plain = IdxFile.parse("plain", IMAGES, 3);
        IdxFile gzipped = IdxFile.parse("gzipped", IdxBytes.gzip(IMAGES), 3);
        assertThat(plain.shape()).containsExactly(3, 4, 5);
        assertThat(plain.data()).hasSize(60).startsWith(0, 1, 2).endsWith(59);
        assertThat(gzipped.shape()).isEqualTo(plain.shape());
        assertThat(gzipped.data()).isEqualTo(plain.data());
        assertThat(gzipped.sha256()).isEqualTo(plain.sha256());
    }

    /** As {@code cat a.gz b.gz} makes them; their content is that of all, one after the other. */
    @ParameterizedTest
    @ValueSource(ints = {1, 17, 75})
    void gzipMayHaveSeveralMembers(int cut) throws Exception {
        byte[] first = IdxBytes.gzip(Arrays.copyOf(IMAGES, cut));
        byte[] second = IdxBytes.gzip(Arrays.copyOfRange(IMAGES, cut, IMAGES.length));
        IdxFile read = IdxFile.parse("file.gz", IdxBytes.concatenate(first, second), 3);
        assertThat(read.data()).isEqualTo(IdxFile.parse("file", IMAGES, 3).data());
    }

    @Test
    void sha256IsOfTheWholeContent() throws Exception {
        // printf '\0\0\10\1\0\0\0\2\7\11' | sha256sum
        assertThat(IdxFile.parse("labels", IdxBytes.labels(7, 9), 1).sha256())
                .isEqualTo("6b413bc4e4b437a09780b06c8c43c748d2546f2be2f36913c8dfdb95fac3a083");
    }

    static Stream<Arguments> malformed() {
        byte[] gzipped = IdxBytes.gzip(IMAGES);
        byte[] wrongCrc = gzipped.clone();
        wrongCrc[wrongCrc.length - 8] ^= 1;
        byte[] bomb = IdxBytes.gzip(IdxBytes.file(0x803, new int[] {1, 1, 1}, new byte[50_000_000]));
        return Stream.of(
                arguments("empty", new byte[0], "cut short"),
                arguments("cut in the header", Arrays.copyOf(IMAGES, 7), "cut short"),
                arguments("cut in the elements", Arrays.copyOf(IMAGES, IMAGES.length - 1), "cut short"),
                arguments("too long", Arrays.copyOf(IMAGES, IMAGES.length + 1), "holds more than the 60 elements"),
                arguments(
                        "gzip followed by a byte",
                        followed(gzipped, 1),
                        "is corrupt gzip (Unexpected data after a valid .gz stream.)"),
                arguments(
                        "gzip followed by more",
                        followed(gzipped, 99),
                        "is corrupt gzip (Unexpected data after a valid .gz stream.)"),
                arguments(
                        "gzip followed by the beginning of gzip",
                        IdxBytes.concatenate(gzipped, Arrays.copyOf(gzipped, 9)),
                        "cut short"),
                arguments(
                        "gzip followed by gzip cut short",
                        IdxBytes.concatenate(gzipped, Arrays.copyOf(gzipped, 40)),
                        "holds more than the 60 elements"),
                arguments(
                        "gzip followed by gzip",
                        IdxBytes.concatenate(gzipped, gzipped),
                        "holds more than the 60 elements"),
                arguments("gzip cut short", Arrays.copyOf(gzipped, gzipped.length - 20), "cut short"),
                arguments("gzip with a wrong checksum", wrongCrc, "corrupt gzip"),
                arguments("gzip of something else", IdxBytes.gzip("hello, world".getBytes()), "is not an IDX file"),
                arguments("gzip bomb", bomb, "holds more than the 1 elements"),
                arguments(
                        "wrong magic",
                        IdxBytes.file(0x12340803, new int[] {1, 1, 1}, new byte[1]),
                        "is not an IDX file"),
                arguments("floats", IdxBytes.file(0xd03, new int[] {1, 1, 1}, new byte[4]), "only unsigned bytes"),
                arguments("labels", IdxBytes.labels(1, 2), "has 1 dimensions, expected 3"),
                arguments(
                        "no images",
                        IdxBytes.file(0x803, new int[] {0, 28, 28}, new byte[0]),
                        "dimension 0 the size 0"),
                arguments(
                        "negative size",
                        IdxBytes.file(0x803, new int[] {1, -1, 1}, new byte[1]),
                        "the size 4294967295"),
                arguments(
                        "sizes that overflow",
                        IdxBytes.file(0x803, new int[] {1 << 30, 1 << 30, 16}, new byte[100]),
                        "more than the file can hold"));
    }

    private static byte[] followed(byte[] content, int zeros) {
        return Arrays.copyOf(content, content.length + zeros);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("malformed")
    void refusesAMalformedFileInOneLineThatNamesIt(String name, byte[] content, String complaint) {
        assertThatThrownBy(() -> IdxFile.parse("file.gz", content, 3))
                .isInstanceOf(DatasetException.class)
                .hasMessageStartingWith("file.gz: ")
                .hasMessageContaining(complaint)
                .message()
                .doesNotContain("\n");
    }

    @Test
    void refusesWhatTheHeapCannotHoldBeforeReadingIt() {
        assumeTrue(Runtime.getRuntime().maxMemory() < 2_200_000_000L);
        byte[] incompressible = new byte[3_000_000];
        new Random(1).nextBytes(incompressible);
        byte[] file = IdxBytes.gzip(IdxBytes.file(0x803, new int[] {2147, 1000, 1000}, incompressible));
        assertThatThrownBy(() -> IdxFile.parse("file.gz", file, 3))
                .isInstanceOf(OutOfMemoryError.class)
                .hasMessage("file.gz needs 2047 MiB at once");
    }

    @Test
    void refusesAFileThatCannotBeRead(@TempDir Path folder) {
        assertThatThrownBy(() -> IdxFile.read(folder.resolve("none"), 3))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("none: cannot be read");
        assertThatThrownBy(() -> IdxFile.read(folder, 3)).isInstanceOf(DatasetException.class);
    }

    @Test
    void refusesWhatIsNoRegularFile(@TempDir Path folder) throws IOException {
        assumeTrue(Files.exists(Path.of("/dev/zero")));
        Path device = Files.createSymbolicLink(folder.resolve("train-images-idx3-ubyte"), Path.of("/dev/zero"));
        assertThatThrownBy(() -> IdxFile.read(device, 3))
                .isInstanceOf(DatasetException.class)
                .hasMessage(device + ": is not a regular file; replace it with one");
    }
}
