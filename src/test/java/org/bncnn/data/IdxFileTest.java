package org.bncnn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

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
}
