package org.bncnn.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.bncnn.weights.SafetensorsBytes.tensor;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.bncnn.store.ModelFileException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Weights made to harm who reads them, or harmed on their way: each is refused with one line, and nothing else happens.
 */
class HostileSafetensorsTest {
    private static final String GOOD = tensor("x", "F32", "[2,3]", 0, 24);

    @TempDir
    private Path folder;

    @Test
    void withoutHarmItIsRead() throws IOException {
        assertThat(read(SafetensorsBytes.file("{" + GOOD + "}", 24))
                        .tensors()
                        .get("x")
                        .shape())
                .containsExactly(2, 3);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 7})
    void tooShortForALength(int bytes) throws IOException {
        assertRefused(new byte[bytes], "it ends too early");
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, Long.MIN_VALUE, Long.MAX_VALUE, 100_000_001, 1L << 32, 4_294_967_298L})
    void aHeaderOfAnyLength(long length) throws IOException {
        byte[] file = SafetensorsBytes.file("{}", 0);
        ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).putLong(length);
        assertRefused(file, "it does not begin with the length of a header");
    }

    @Test
    void aHeaderLongerThanTheFile() throws IOException {
        byte[] file = SafetensorsBytes.file("{" + GOOD + "}", 24);
        ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).putLong(file.length - 7);
        assertRefused(file, "it ends too early");
    }

    @Test
    void cutAnywhere() throws IOException {
        byte[] file = SafetensorsBytes.file("{" + GOOD + "}", 24);
        for (int length = 0; length < file.length; length++) {
            assertRefused(Arrays.copyOf(file, length), "");
        }
    }

    @Test
    void somethingAfterItsEnd() throws IOException {
        assertRefused(SafetensorsBytes.file("{" + GOOD + "}", 25), "its tensors end at byte 24 of 25 bytes of data");
        assertRefused(SafetensorsBytes.file("{}", 1), "its tensors end at byte 0 of 1 bytes of data");
    }

    @Test
    void aFileOfManyGigabytes() throws IOException {
        Path file = folder.resolve("huge.safetensors");
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            byte[] header = SafetensorsBytes.file(
                    "{" + tensor("x", "F16", "[536870912]", 0, 1L << 30) + ","
                            + tensor("y", "F16", "[1]", 1L << 30, (1L << 30) + 2) + "}",
                    0);
            sparse.write(header);
            sparse.setLength(header.length + (1L << 30) + 2);
        }
        assertThatThrownBy(() -> SafetensorsFile.read(file))
                .isInstanceOf(ModelFileException.class)
                .hasMessageEndingWith("it holds more than 1024 MiB");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "[]",
                "7",
                "\"x\"",
                "{",
                "{}}",
                "{} {}",
                "{\"x\":}",
                "{'x':1}",
                "{/**/}",
                "{\"x\":NaN}",
                "\uFEFF{}"
            })
    void aHeaderThatIsNoObject(String header) throws IOException {
        assertRefused(SafetensorsBytes.file(header, 0), "its header: it is no JSON");
    }

    @Test
    void aHeaderThatIsNotInUtf8() throws IOException {
        byte[] latin = ("{" + tensor("ü", "F32", "[1]", 0, 4) + "}").getBytes(StandardCharsets.ISO_8859_1);
        assertRefused(SafetensorsBytes.file(latin, new byte[4]), "its header: it is not in UTF-8");
    }

    @Test
    void aHeaderAsDeepAsTheStack() throws IOException {
        String deep = "{\"x\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}";
        assertRefused(SafetensorsBytes.file(deep, 0), "its header: x has not just dtype, shape and data_offsets");
    }

    @Test
    void aNumberOfManyDigits() throws IOException {
        String digits = "{\"x\":{\"dtype\":\"F32\",\"shape\":[" + "9".repeat(500_000) + "],\"data_offsets\":[0,4]}}";
        assertRefused(SafetensorsBytes.file(digits, 4), "its header: it is no JSON: Number value length (500000)");
    }

    @Test
    void theSameNameTwice() throws IOException {
        String header = "{" + GOOD + "," + tensor("x", "F32", "[1]", 24, 28) + "}";
        assertRefused(SafetensorsBytes.file(header, 28), "its header: it is no JSON: Duplicate field 'x'");
        assertRefused(
                SafetensorsBytes.file("{\"x\":{\"dtype\":\"F32\",\"dtype\":\"F64\"}}", 4), "Duplicate field 'dtype'");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"x\":7",
                "\"x\":[]",
                "\"x\":{}",
                "\"x\":{\"dtype\":\"F32\",\"shape\":[1]}",
                "\"x\":{\"dtype\":\"F32\",\"data_offsets\":[0,4]}",
                "\"x\":{\"shape\":[1],\"data_offsets\":[0,4]}",
                "\"x\":{\"dtype\":7,\"shape\":[1],\"data_offsets\":[0,4]}",
                "\"x\":{\"dtype\":\"F32\",\"shape\":1,\"data_offsets\":[0,4]}",
                "\"x\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":{\"0\":0,\"1\":4}}",
                "\"x\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4],\"strides\":[1]}"
            })
    void aTensorThatIsNotDescribed(String field) throws IOException {
        assertHeaderRefused(field, 4, "x has not just dtype, shape and data_offsets");
    }

    @ParameterizedTest
    @ValueSource(strings = {"F8_E4M3", "f32", "U64", "C64", ""})
    void aTypeThatIsNotRead(String type) throws IOException {
        assertHeaderRefused(
                tensor("x", type, "[1]", 0, 4),
                4,
                "x is of type " + type + ", which is not read; it can be [I64, F64, ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[-1]",
                "[1.0]",
                "[1e0]",
                "[\"1\"]",
                "[null]",
                "[[1]]",
                "[9223372036854775808]",
                "[18446744073709551617]",
                "[true]"
            })
    void sizesThatAreNone(String numbers) throws IOException {
        assertHeaderRefused(
                tensor("x", "F32", numbers, 0, 4), 4, "x has a shape of other than whole numbers from 0 on");
        assertHeaderRefused(
                "\"x\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":" + numbers.replace("]", "") + ",4"
                        + numbers.replaceAll("[^\\]]", "") + "}",
                4,
                "x has a data_offsets of other than whole numbers from 0 on");
    }

    @ParameterizedTest
    @CsvSource({
        "'[0,5]'",
        "'[4,0]'",
        "'[0,9223372036854775807]'",
        "'[9223372036854775800,9223372036854775804]'",
        "'[0]'",
        "'[]'",
        "'[0,4,4]'"
    })
    void aPlaceThatIsNoneOfTheFile(String offsets) throws IOException {
        assertHeaderRefused(
                "\"x\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":" + offsets + "}",
                4,
                "x has the data_offsets " + offsets.replace(",", ", ") + ", which are not within the 4 bytes of data");
    }

    @ParameterizedTest
    @CsvSource({
        "F32, '[1]'",
        "F32, '[3]'",
        "F32, '[]'",
        "F64, '[2]'",
        "F16, '[2]'",
        "BF16, '[2]'",
        "I64, '[2]'",
        "F32, '[0]'",
        "F32, '[2,0]'",
        "F32, '[4294967296,4294967296,2]'",
        "F32, '[9223372036854775807,9223372036854775807]'",
        "F32, '[2,9223372036854775807]'",
        // The product is 2⁶⁴ + 2, which is 2 to who does not look.
        "F32, '[6,3074457345618258603]'"
    })
    void aShapeOfOtherThanItsBytes(String type, String shape) throws IOException {
        assertHeaderRefused(
                tensor("x", type, shape, 0, 8),
                8,
                "x has the shape " + shape.replace(",", ", ") + " of " + type + ", which is not that of its 8 bytes");
    }

    @Test
    void bytesThatAreNoWholeValues() throws IOException {
        assertHeaderRefused(
                tensor("x", "F32", "[2]", 0, 9), 9, "x has the shape [2] of F32, which is not that of its 9 bytes");
    }

    /** Without values it takes no memory, but its other sizes would overflow where they are multiplied. */
    @ParameterizedTest
    @ValueSource(strings = {"[0,9223372036854775807]", "[4294967296,4294967296,0]", "[0,1073741824,2]"})
    void aTensorWithoutValuesButOfAnySize(String shape) throws IOException {
        assertHeaderRefused(
                tensor("x", "F32", shape, 0, 0),
                0,
                "x has the shape " + shape.replace(",", ", ") + " of F32, which is not that of its 0 bytes");
    }

    @Test
    void aTensorWithoutValuesInsideAnother() throws IOException {
        assertHeaderRefused(
                tensor("x", "F32", "[2]", 0, 8) + "," + tensor("y", "F32", "[0]", 4, 4),
                8,
                "y begins at byte 4 of the data, but the one before it ends at 8");
    }

    @Test
    void aShapeOfManyDimensions() throws IOException {
        String shape = IntStream.range(0, 33).mapToObj(i -> "1").collect(Collectors.joining(",", "[", "]"));
        assertHeaderRefused(tensor("x", "F32", shape, 0, 4), 4, "x has a shape of more than 32 numbers");
    }

    @Test
    void tensorsThatOverlap() throws IOException {
        assertHeaderRefused(
                tensor("x", "F32", "[2]", 0, 8) + "," + tensor("y", "F32", "[2]", 4, 12),
                12,
                "y begins at byte 4 of the data, but the one before it ends at 8");
        assertHeaderRefused(
                tensor("x", "F32", "[2]", 0, 8) + "," + tensor("y", "F32", "[2]", 0, 8),
                8,
                "y begins at byte 0 of the data, but the one before it ends at 8");
    }

    @Test
    void aHoleBetweenTensors() throws IOException {
        assertHeaderRefused(
                tensor("y", "F32", "[1]", 8, 12) + "," + tensor("x", "F32", "[1]", 0, 4),
                12,
                "y begins at byte 8 of the data, but nothing fills those from 4");
        assertHeaderRefused(
                tensor("x", "F32", "[1]", 4, 8), 8, "x begins at byte 4 of the data, but nothing fills those from 0");
    }

    @Test
    void asManyTensorsAsTheHeaderHolds() throws IOException {
        String many =
                IntStream.range(0, 20_000).mapToObj(i -> "\"" + i + "\":{}").collect(Collectors.joining(","));
        assertHeaderRefused(many, 4, "0 has not just dtype");
        String overlapping = IntStream.range(0, 15_000)
                .mapToObj(i -> tensor("" + i, "F32", "[1]", 0, 4))
                .collect(Collectors.joining(","));
        assertHeaderRefused(overlapping, 4, "1 begins at byte 0 of the data, but the one before it ends at 4");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a\\nb", "\\u001b[2J", "\\u009b2J", "a\\u202eb", "a\\u2028b"})
    void aNameThatHides(String name) throws IOException {
        assertHeaderRefused(
                tensor(name, "F32", "[1]", 0, 4), 4, "a name has 1 or more characters, all of them visible, unlike ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\\ud800", "\\udc00"})
    void aNameOfHalfACharacter(String name) throws IOException {
        assertHeaderRefused(tensor(name, "F32", "[1]", 0, 4), 4, "its header: it is no JSON: ");
        assertHeaderRefused("\"__metadata__\":{\"%s\":\"\"}".formatted(name), 0, "its header: it is no JSON: ");
    }

    /** It would stand before what else is wrong. */
    @Test
    void aNameThatHidesInAComplaint() throws IOException {
        assertHeaderRefused(tensor("a\\u202eb", "F8", "[1]", 0, 4), 4, "a name has 1 or more characters");
    }

    /** What is wrong is said behind the name, so that must not be too long for a line. */
    @Test
    void aNameOfManyCharacters() throws IOException {
        assertHeaderRefused(
                tensor("x".repeat(40_000), "F8", "[1]", 0, 4),
                4,
                "x".repeat(80) + "… is of type F8, which is not read");
        assertHeaderRefused(
                tensor("x".repeat(60_000), "F32", "[1]", 0, 4), 4, "its header: it is no JSON: Name length (60000)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"7", "\"x\"", "[]", "null"})
    void metadataThatAreNone(String metadata) throws IOException {
        assertHeaderRefused("\"__metadata__\":" + metadata, 0, "__metadata__ is no object");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"x\":7", "\"x\":{}", "\"x\":null", "\"x\":\"\\udc00\""})
    void metadataThatAreNoTexts(String field) throws IOException {
        assertHeaderRefused("\"__metadata__\":{" + field + "}", 0, "__metadata__: ");
    }

    @ParameterizedTest
    @CsvSource({
        "F32, 0000c07f, NaN",
        "F32, 0000807f, Infinity",
        "F64, 000000000000f0ff, -Infinity",
        "F16, 007c, Infinity",
        "F16, 01fe, NaN",
        "BF16, 80ff, -Infinity",
        "BF16, c07f, NaN"
    })
    void valuesThatAreNotFinite(String type, String hex, String value) throws IOException {
        byte[] bytes = HexFormat.of().parseHex(hex);
        String header = "{" + tensor("w", type, "[2]", 0, 2 * bytes.length) + "}";
        byte[] data = Arrays.copyOf(new byte[bytes.length], 2 * bytes.length);
        System.arraycopy(bytes, 0, data, bytes.length, bytes.length);
        assertRefused(
                SafetensorsBytes.file(header.getBytes(StandardCharsets.US_ASCII), data),
                "w has the value " + value + " at 1");
    }

    private void assertHeaderRefused(String fields, int dataBytes, String complaint) throws IOException {
        assertRefused(SafetensorsBytes.file("{" + fields + "}", dataBytes), complaint);
    }

    private void assertRefused(byte[] content, String complaint) {
        assertThatThrownBy(() -> read(content))
                .isInstanceOf(ModelFileException.class)
                .hasMessageStartingWith(folder.resolve("hostile.safetensors") + ": is refused as safetensors: ")
                .hasMessageContaining(complaint)
                .message()
                .doesNotContainPattern("\\p{Cntrl}")
                .hasSizeLessThan(600);
    }

    private WeightsFile read(byte[] content) throws IOException {
        return SafetensorsFile.read(Files.write(folder.resolve("hostile.safetensors"), content));
    }
}
