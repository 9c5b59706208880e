package org.bncnn.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.bncnn.weights.PyTorchBytes.archive;
import static org.bncnn.weights.PyTorchBytes.dict;
import static org.bncnn.weights.PyTorchBytes.entries;
import static org.bncnn.weights.PyTorchBytes.floats;
import static org.bncnn.weights.PyTorchBytes.good;
import static org.bncnn.weights.PyTorchBytes.integer;
import static org.bncnn.weights.PyTorchBytes.pickle;
import static org.bncnn.weights.PyTorchBytes.storage;
import static org.bncnn.weights.PyTorchBytes.tensor;
import static org.bncnn.weights.PyTorchBytes.text;
import static org.bncnn.weights.PyTorchBytes.tuple;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.bncnn.store.ModelFileException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What PyTorch saved is what is read; {@code make_checkpoint.py} makes the files. */
class PyTorchFileTest {
    @TempDir
    private Path folder;

    /** Every type; parts of tensors, turned round, repeated, tied, empty. */
    @ParameterizedTest
    @ValueSource(strings = {"types", "views"})
    void tensorsAreWhatPyTorchReads(String name) throws Exception {
        Map<String, INDArray> read = PyTorchFile.read(fixture(name + ".pt")).tensors();
        JsonNode golden = new ObjectMapper().readTree(fixture(name + ".json").toFile());
        assertThat(read.keySet()).containsExactlyElementsOf(() -> golden.fieldNames());
        read.forEach((tensor, values) -> {
            assertThat(values.shape())
                    .as(tensor)
                    .containsExactly(numbers(golden.get(tensor).get("shape")));
            if (!values.isEmpty()) {
                double[] found = values.castTo(DataType.DOUBLE).dup('c').data().asDouble();
                assertThat(found)
                        .as(tensor)
                        .containsExactly(doubles(golden.get(tensor).get("values")));
            }
        });
    }

    @Test
    void typesAreKeptButForHalves() throws Exception {
        Map<String, INDArray> read = PyTorchFile.read(fixture("types.pt")).tensors();
        assertThat(read.values().stream().map(INDArray::dataType))
                .containsExactly(
                        DataType.DOUBLE,
                        DataType.FLOAT,
                        DataType.FLOAT,
                        DataType.FLOAT,
                        DataType.INT64,
                        DataType.INT32,
                        DataType.INT16,
                        DataType.INT8,
                        DataType.UINT8,
                        DataType.BOOL);
    }

    @Test
    void aCheckpointIsItsStateDictAndTellsTheRest() throws Exception {
        WeightsFile read = PyTorchFile.read(fixture("checkpoint.pt"));
        assertThat(read.tensors())
                .isEqualTo(PyTorchFile.read(fixture("float.pt")).tensors());
        assertThat(read.metadata())
                .isEqualTo(Map.ofEntries(
                        Map.entry("epoch", "3"),
                        Map.entry("model_state_dict", "state_dict"),
                        Map.entry("optimizer_state_dict", "dict"),
                        Map.entry("scheduler", "dict"),
                        Map.entry("loss", "0.25"),
                        Map.entry("seed", "18446744073709551615"),
                        Map.entry("best", "null"),
                        Map.entry("classes", "list"),
                        Map.entry("shape", "torch.Size"),
                        Map.entry("device", "torch.device"),
                        Map.entry("dtype", "torch.float32"),
                        Map.entry("digest", "bytes")));
    }

    @ParameterizedTest
    @CsvSource({
        "model_state_dict, y",
        "state_dict, y",
        "model, y",
        "state_dict, model",
        "model_state_dict, state_dict",
        "net, epoch",
        "weights, 0"
    })
    void theStateDictOfACheckpointIsFound(String key, String other) throws IOException {
        String stateDict = dict("x", tensor(2, 0, tuple(2), tuple(1)));
        String beside =
                other.equals("epoch") || other.equals("0") ? integer(1) : dict("z", tensor(2, 0, tuple(1), tuple(1)));
        WeightsFile read = read(pickle("}(" + text(other) + beside + text(key) + stateDict + "u"));
        assertThat(read.tensors()).containsOnlyKeys("x");
        assertThat(read.metadata()).containsEntry(key, "state_dict").containsOnlyKeys(key, other);
    }

    @Test
    void severalStateDictsAreNamed() {
        String one = dict("x", tensor(2, 0, tuple(2), tuple(1)));
        assertThatThrownBy(() -> read(pickle("}(" + text("generator") + one + text("critic") + one + "u")))
                .isInstanceOf(ModelFileException.class)
                .hasMessageEndingWith(
                        "it holds several state_dicts, generator, critic; in Python, save one of them alone");
    }

    @Test
    void whatIsNoTensorIsMetadata() throws IOException {
        WeightsFile read = read(pickle(
                dict("x", tensor(2, 0, tuple(2), tuple(1))) + text("_extra_state") + "Ns" + integer(7) + "\u0088s"));
        assertThat(read.tensors()).containsOnlyKeys("x");
        assertThat(read.metadata()).isEqualTo(Map.of("_extra_state", "null", "7", "true"));
    }

    /** Written on a machine of the other byte order. */
    @ParameterizedTest
    @CsvSource({
        "FloatStorage, 3fc00000c0200000, 1.5, -2.5",
        "DoubleStorage, 3ff8000000000000c004000000000000, 1.5, -2.5",
        "HalfStorage, 3e00c100, 1.5, -2.5",
        "BFloat16Storage, 3fc0c020, 1.5, -2.5",
        "LongStorage, 0000000000000102fffffffffffffffe, 258, -2",
        "IntStorage, 00000102fffffffe, 258, -2",
        "ShortStorage, 0102fffe, 258, -2",
        "CharStorage, 07fe, 7, -2",
        "ByteStorage, 07fe, 7, 254",
        "BoolStorage, 0100, 1, 0"
    })
    void bigEndianValuesAreRead(String type, String hex, double first, double second) throws IOException {
        String tensor = tensor(storage(type, "0", 2), integer(0) + tuple(2) + tuple(1));
        Map<String, byte[]> entries =
                entries(pickle(dict("x", tensor)), HexFormat.of().parseHex(hex));
        entries.put("archive/byteorder", PyTorchBytes.bytes("big"));
        INDArray read = read(entries).tensors().get("x");
        assertThat(read.castTo(DataType.DOUBLE).toDoubleVector()).containsExactly(first, second);
    }

    /** As PyTorch 2 writes it: the folder is always called archive, and there is more beside the data. */
    @Test
    void entriesOfLaterVersionsAreAccepted() throws IOException {
        Map<String, byte[]> entries = entries(good(), floats(1, 2));
        for (String name :
                List.of("byteorder", ".format_version", ".storage_alignment", "version", ".data/serialization_id")) {
            entries.put("archive/" + name, PyTorchBytes.bytes(name.equals("byteorder") ? "little" : "1"));
        }
        assertThat(read(entries).tensors().get("x").toFloatVector()).containsExactly(1, 2);
        assertThat(WeightsFormat.of(folder.resolve("weights.pt"))).isEqualTo(WeightsFormat.PYTORCH);
        String withMetadata = good().replace(")R" + "tRs.", ")R" + "}tRs.");
        assertThat(withMetadata).isNotEqualTo(good());
        assertThat(read(withMetadata).tensors().get("x").toFloatVector()).containsExactly(1, 2);
    }

    /** Negated without a copy, which the values do not say. */
    @Test
    void aTensorThatIsTheNegativeOfItsValuesIsRefused() {
        String negative = good().replace(")RtRs.", ")R" + dict("neg", "\u0088") + "tRs.");
        assertThatThrownBy(() -> read(negative))
                .isInstanceOf(ModelFileException.class)
                .hasMessageEndingWith("a tensor is described otherwise than PyTorch does");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "module.pt | it is a pickled torch.nn.modules.container.Sequential, not weights; in Python, torch.save(net.state_dict(), \"weights.pt\") saves weights alone",
                "script.pt | it is TorchScript, a program; in Python, torch.save(torch.jit.load(\"x.pt\").state_dict(), \"y.pt\") saves its weights",
                "legacy.pt | it is a pickle without a zip, from before PyTorch 1.6; in Python, torch.save(torch.load(\"x.pt\", weights_only=True), \"y.pt\") converts it"
            })
    void otherFilesOfPyTorchAreNamed(String name, String complaint) throws Exception {
        Path file = fixture(name);
        assertThat(WeightsFormat.of(file)).isEqualTo(WeightsFormat.PYTORCH);
        assertThatThrownBy(() -> PyTorchFile.read(file))
                .isInstanceOf(ModelFileException.class)
                .hasMessage(file + ": is refused as PyTorch weights: " + complaint);
    }

    /** Content decides, not the name. */
    @ParameterizedTest
    @CsvSource({
        "/org/bncnn/export/pytorch/checkpoint/float.pt, PYTORCH",
        "/org/bncnn/export/pytorch/checkpoint/checkpoint.pt, PYTORCH",
        "/org/bncnn/export/pytorch/bn.safetensors, SAFETENSORS",
        "/org/bncnn/export/pytorch/bn.json, NONE"
    })
    void theFormatIsKnownByTheContent(String resource, WeightsFormat format) throws Exception {
        Path file = Path.of(PyTorchFileTest.class.getResource(resource).toURI());
        assertThat(WeightsFormat.of(Files.copy(file, folder.resolve("weights.bin"))))
                .isEqualTo(format);
        assertThat(WeightsFormat.of(Path.of("models/reference-none.zip"))).isEqualTo(WeightsFormat.NONE);
        assertThat(WeightsFormat.of(folder)).isEqualTo(WeightsFormat.NONE);
    }

    private WeightsFile read(String pickle) throws IOException {
        return PyTorchFile.read(Files.write(folder.resolve("weights.pt"), archive(pickle, floats(1, 2))));
    }

    private WeightsFile read(Map<String, byte[]> entries) throws IOException {
        return PyTorchFile.read(Files.write(folder.resolve("weights.pt"), archive(entries)));
    }

    private static Path fixture(String name) throws URISyntaxException {
        return Path.of(PyTorchFileTest.class
                .getResource("/org/bncnn/export/pytorch/checkpoint/" + name)
                .toURI());
    }

    private static long[] numbers(JsonNode array) {
        long[] numbers = new long[array.size()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = array.get(i).asLong();
        }
        return numbers;
    }

    private static double[] doubles(JsonNode array) {
        double[] numbers = new double[array.size()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = array.get(i).asDouble();
        }
        return numbers;
    }
}
