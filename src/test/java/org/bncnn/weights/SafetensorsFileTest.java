package org.bncnn.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.jimfs.Configuration;
import com.google.common.jimfs.Jimfs;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.bncnn.store.ModelFileException;
import org.bncnn.store.UnwritableFileException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class SafetensorsFileTest {
    @TempDir
    private Path folder;

    @Test
    void everythingComesBack() throws IOException {
        Map<String, INDArray> tensors = new LinkedHashMap<>();
        tensors.put("count", Nd4j.scalar(1L << 60));
        tensors.put("double", Nd4j.createFromArray(Math.PI, -Double.MIN_VALUE, Double.MAX_VALUE));
        tensors.put(
                "float",
                Nd4j.createFromArray(0.1f, -0f, Float.MIN_VALUE, Float.MAX_VALUE, 1, 2)
                        .reshape(1, 2, 3));
        tensors.put("卷积 😀", Nd4j.createFromArray(3f));
        Map<String, String> metadata = Map.of("format", "pt", "ü", "\"\n\u0001😀");
        Path file = folder.resolve("weights.safetensors");
        new WeightsFile(tensors, metadata).save(file);
        WeightsFile read = SafetensorsFile.read(file);
        assertThat(read.metadata()).isEqualTo(metadata);
        assertThat(read.tensors().keySet()).containsExactly("count", "double", "float", "卷积 😀");
        assertThat(read.tensors().get("count").getLong(0)).isEqualTo(1L << 60);
        assertThat(read.tensors().get("count").rank()).isZero();
        assertThat(read.tensors().get("double").toDoubleVector())
                .containsExactly(Math.PI, -Double.MIN_VALUE, Double.MAX_VALUE);
        INDArray floats = read.tensors().get("float");
        assertThat(floats.shape()).containsExactly(1, 2, 3);
        assertThat(floats.data().asFloat()).containsExactly(0.1f, -0f, Float.MIN_VALUE, Float.MAX_VALUE, 1, 2);
    }

    /** What the format's own library writes, but for the order of the metadata, which it leaves open. */
    @Test
    void theBytesAreThoseOfTheFormat() throws IOException {
        Map<String, INDArray> tensors = new LinkedHashMap<>();
        tensors.put("b", Nd4j.createFromArray(1f, 2f));
        tensors.put("a", Nd4j.createFromArray(3f));
        tensors.put("n", Nd4j.scalar(258L));
        Path file = folder.resolve("weights.safetensors");
        new WeightsFile(tensors, Map.of("format", "pt")).save(file);
        String header = "{\"__metadata__\":{\"format\":\"pt\"},"
                + "\"n\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[0,8]},"
                + "\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[8,12]},"
                + "\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[12,20]}}";
        byte[] data = ByteBuffer.allocate(20)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(258)
                .putFloat(3)
                .putFloat(1)
                .putFloat(2)
                .array();
        String padded = header + " ".repeat((8 - header.length() % 8) % 8);
        assertThat(file).hasBinaryContent(SafetensorsBytes.file(padded.getBytes(StandardCharsets.US_ASCII), data));
    }

    @Test
    void viewsAreWrittenAsTheyLook() throws IOException {
        INDArray matrix = Nd4j.createFromArray(0f, 1, 2, 3, 4, 5).reshape(2, 3);
        Path file = folder.resolve("weights.safetensors");
        new WeightsFile(Map.of("transposed", matrix.transpose(), "row", matrix.getRow(1)), Map.of()).save(file);
        Map<String, INDArray> read = SafetensorsFile.read(file).tensors();
        assertThat(read.get("transposed").toFloatMatrix()).isDeepEqualTo(new float[][] {{0, 3}, {1, 4}, {2, 5}});
        assertThat(read.get("row").toFloatVector()).containsExactly(3, 4, 5);
    }

    @Test
    void aFileWithoutTensorsIsOne() throws IOException {
        Path file = folder.resolve("empty.safetensors");
        new WeightsFile(Map.of(), Map.of()).save(file);
        assertThat(file).hasContent("\u0008\0\0\0\0\0\0\0{}      ");
        assertThat(SafetensorsFile.read(file).tensors()).isEmpty();
    }

    @Test
    void whatCannotBeWrittenIsNoContent() {
        INDArray one = Nd4j.createFromArray(1f);
        for (String name : List.of("", "__metadata__", "a\nb", "a\u0085b", "a\u202eb", "a\u2028b", "\ud800")) {
            assertThatThrownBy(() -> new WeightsFile(Map.of(name, one), Map.of()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("name");
        }
        assertRefused(Nd4j.createFromArray(1f, 2, Float.NaN), "x has the value NaN at 2");
        assertRefused(Nd4j.createFromArray(Double.NEGATIVE_INFINITY), "x has the value -Infinity at 0");
        assertRefused(one.castTo(DataType.UINT32), "x is of UINT32, which is not a type that can be written");
        assertRefused(one.castTo(DataType.FLOAT16), "x is of HALF, which is not a type that can be written");
        assertRefused(Nd4j.empty(DataType.FLOAT), "x has no values and no shape");
    }

    private static void assertRefused(INDArray values, String message) {
        assertThatThrownBy(() -> new WeightsFile(Map.of("x", values), Map.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    @Test
    void aHeaderThatCouldNotBeReadAgainIsNotWritten() {
        Path file = folder.resolve("weights.safetensors");
        assertThatThrownBy(() -> new WeightsFile(Map.of(), Map.of("x", "y".repeat(100_000_000))).save(file))
                .isInstanceOf(UnwritableFileException.class)
                .hasMessage(file + ": cannot be written (it would be too large to be read again)");
        assertThat(folder).isEmptyDirectory();
    }

    /** A disk that has room for none of it, for the header and some data, and for all but the end. */
    @ParameterizedTest
    @ValueSource(ints = {1, 3, 4})
    void onAFullDiskTheOldFileSurvives(int blocks) throws IOException {
        WeightsFile weights = new WeightsFile(Map.of("x", Nd4j.ones(DataType.FLOAT, 1000)), Map.of());
        Configuration small = Configuration.unix().toBuilder()
                .setBlockSize(1024)
                .setMaxSize(blocks * 1024)
                .build();
        try (FileSystem disk = Jimfs.newFileSystem(small)) {
            Path target = Files.writeString(disk.getPath("weights.safetensors"), "old");
            assertThatThrownBy(() -> weights.save(target))
                    .isInstanceOf(UnwritableFileException.class)
                    .hasMessage("weights.safetensors: cannot be written (out of disk space)");
            assertThat(target).hasContent("old");
            try (Stream<Path> files = Files.list(target.toAbsolutePath().getParent())) {
                assertThat(files).containsExactly(target.toAbsolutePath());
            }
        }
    }

    @Test
    void aFolderThatCannotBeWrittenToIsNamed() {
        assertThatThrownBy(() -> new WeightsFile(Map.of(), Map.of()).save(folder.resolve("none/weights.safetensors")))
                .isInstanceOf(UnwritableFileException.class)
                .hasMessageEndingWith("weights.safetensors: cannot be written (NoSuchFileException)");
    }

    @Test
    void everyTypeComesBack() throws IOException {
        INDArray bytes = Nd4j.createFromArray(0, 1, -100, 100);
        Map<String, INDArray> tensors = new LinkedHashMap<>();
        for (DataType type : List.of(DataType.INT32, DataType.INT16, DataType.INT8, DataType.UINT8, DataType.BOOL)) {
            tensors.put(type.name(), bytes.castTo(type));
        }
        Path file = folder.resolve("weights.safetensors");
        new WeightsFile(tensors, Map.of()).save(file);
        Map<String, INDArray> read = SafetensorsFile.read(file).tensors();
        assertThat(read.keySet()).containsExactlyElementsOf(tensors.keySet());
        tensors.forEach((name, values) -> {
            assertThat(read.get(name).dataType()).isEqualTo(values.dataType());
            assertThat(read.get(name).castTo(DataType.DOUBLE)).isEqualTo(values.castTo(DataType.DOUBLE));
        });
    }

    /** Larger than what is read and written at once, and not a multiple of it. */
    @Test
    void aLargeTensorComesBack() throws IOException {
        INDArray values = Nd4j.linspace(DataType.DOUBLE, -1, 1e-5, 300_001);
        Map<String, INDArray> tensors = Map.of("double", values, "float", values.castTo(DataType.FLOAT));
        Path file = folder.resolve("weights.safetensors");
        new WeightsFile(tensors, Map.of()).save(file);
        assertThat(SafetensorsFile.read(file).tensors()).isEqualTo(tensors);
        values.putScalar(300_000, Double.NaN);
        assertRefused(values, "x has the value NaN at 300000");
    }

    @Test
    void aTensorWithoutValuesComesBack() throws IOException {
        Map<String, INDArray> tensors = new LinkedHashMap<>();
        tensors.put("a", Nd4j.create(DataType.FLOAT, 0));
        tensors.put("b", Nd4j.createFromArray(1f));
        tensors.put("c", Nd4j.create(DataType.FLOAT, 3, 0, 2));
        Path file = folder.resolve("weights.safetensors");
        new WeightsFile(tensors, Map.of()).save(file);
        Map<String, INDArray> read = SafetensorsFile.read(file).tensors();
        assertThat(read.keySet()).containsExactlyInAnyOrder("a", "b", "c");
        assertThat(read.get("a").shape()).containsExactly(0);
        assertThat(read.get("b").toFloatVector()).containsExactly(1);
        assertThat(read.get("c").shape()).containsExactly(3, 0, 2);
    }

    /** Both begin at the same byte, and the header may list the one with values first. */
    @Test
    void aTensorWithoutValuesMayStandAnywhere() throws IOException {
        String header = "{" + SafetensorsBytes.tensor("x", "F32", "[1]", 0, 4) + ","
                + SafetensorsBytes.tensor("y", "F32", "[0]", 0, 0) + "}";
        Path file = Files.write(folder.resolve("weights.safetensors"), SafetensorsBytes.file(header, 4));
        assertThat(SafetensorsFile.read(file).tensors()).containsOnlyKeys("x", "y");
    }

    /** The format allows both, and its library writes such files. */
    @Test
    void longNamesAndHeadersAreRead() throws IOException {
        Map<String, INDArray> tensors = new LinkedHashMap<>();
        for (int i = 0; i < 2_000; i++) {
            tensors.put("layer.".repeat(100) + i, Nd4j.scalar((float) i));
        }
        Path file = folder.resolve("weights.safetensors");
        new WeightsFile(tensors, Map.of("config", "y".repeat(1 << 20))).save(file);
        WeightsFile read = SafetensorsFile.read(file);
        assertThat(read.tensors()).isEqualTo(tensors);
        assertThat(read.metadata().get("config")).hasSize(1 << 20);
    }

    @Test
    void whatIsNoFileIsRefused() {
        for (Path none : List.of(folder.resolve("none.safetensors"), folder)) {
            assertThatThrownBy(() -> SafetensorsFile.read(none))
                    .isInstanceOf(ModelFileException.class)
                    .hasMessageStartingWith(none + ": is refused as safetensors: ");
        }
    }
}
