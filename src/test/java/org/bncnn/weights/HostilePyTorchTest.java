package org.bncnn.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.bncnn.weights.PyTorchBytes.archive;
import static org.bncnn.weights.PyTorchBytes.bytes;
import static org.bncnn.weights.PyTorchBytes.dict;
import static org.bncnn.weights.PyTorchBytes.entries;
import static org.bncnn.weights.PyTorchBytes.floats;
import static org.bncnn.weights.PyTorchBytes.global;
import static org.bncnn.weights.PyTorchBytes.good;
import static org.bncnn.weights.PyTorchBytes.integer;
import static org.bncnn.weights.PyTorchBytes.littleEndian;
import static org.bncnn.weights.PyTorchBytes.pickle;
import static org.bncnn.weights.PyTorchBytes.storage;
import static org.bncnn.weights.PyTorchBytes.tensor;
import static org.bncnn.weights.PyTorchBytes.text;
import static org.bncnn.weights.PyTorchBytes.tuple;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.ZipEntry;
import org.bncnn.store.ModelFileException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files of {@code torch.save} made to harm who reads them: each is refused with one line, and nothing else happens. */
class HostilePyTorchTest {
    private static final byte[] TWO = floats(1, 2);

    @TempDir
    private Path folder;

    @Test
    void withoutHarmItIsRead() throws IOException {
        assertThat(read(archive(good(), TWO)).tensors().get("x").toFloatVector())
                .containsExactly(1, 2);
    }

    /** What runs a command when Python's own unpickler reads it. */
    @ParameterizedTest
    @CsvSource({
        "os, system",
        "posix, system",
        "nt, system",
        "subprocess, Popen",
        "builtins, eval",
        "__builtin__, eval",
        "__builtin__, getattr",
        "copyreg, _reconstructor",
        "copy_reg, _reconstructor",
        "torch, load",
        "torch.hub, load",
        "torch._utils, _import_dotted_name",
        "collections, OrderedDict.fromkeys",
        "numpy.core.multiarray, scalar"
    })
    void aFunctionThatIsCalled(String module, String name) {
        String call = global(module, name) + "(" + text("touch was-here") + "tR";
        assertPickleRefused(
                pickle(dict("x", call)), "it names " + module + "." + name + ", which is not read; in Python,");
    }

    @Test
    void aWholeModuleIsNamed() {
        assertPickleRefused(
                pickle(global("__main__", "Net") + ")\u0081}b"),
                "it is a pickled __main__.Net, not weights; in Python, torch.save(net.state_dict(), \"weights.pt\") saves weights alone");
    }

    @ParameterizedTest
    @CsvSource({
        "ios\\nsystem\\n, INST",
        "o, OBJ",
        "\u0081, NEWOBJ",
        "\u0092, NEWOBJ_EX",
        "\u0093, STACK_GLOBAL",
        "P0\\n, PERSID",
        "\u0082\u0001, EXT1",
        "\u0083\u0001\u0001, EXT2",
        "\u0084\u0001\u0001\u0001\u0001, EXT4",
        "\u008b\u00ff\u00ff\u00ff\u00ff, LONG4",
        "\u0095, FRAME",
        "\u008d\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u007f, 0x8d",
        "\u00ff, 0xff",
        "0, 0x30",
        "2, 0x32",
        "I1\\n, 0x49"
    })
    void anOperationThatWeightsDoNotHave(String operation, String name) {
        assertPickleRefused(
                pickle("(" + text("x") + operation.replace("\\n", "\n")),
                "its operation " + name + " is not one of PyTorch's weights; in Python,");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3, 4, 5, 255})
    void anotherProtocol(int protocol) {
        assertPickleRefused(
                "\u0080" + (char) protocol + "}.", "it is of pickle's protocol " + protocol + ", torch.save writes 2");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "R", "b", "s", "u", "t", "e", "a", "Q", "\u0085", "\u0086", "\u0087", "q\u0000", ".", "(.", "Ns", "Na",
                "(NNs", "NR"
            })
    void aStackWithoutValues(String operations) {
        assertPickleRefused(PyTorchBytes.PROTOCOL_2 + operations + ".", "it takes ");
    }

    @ParameterizedTest
    @CsvSource({
        "NNNs, something other than a dict",
        "}(Nu, something other than a dict",
        "NNa, something other than a list",
        "}(Ne, something other than a list",
        "NNR, not a function",
        "})R, not a function",
        "N}b, other attributes",
        "}}b, other attributes",
        "}Nb, other attributes",
        "}]Ns, neither a text nor a number",
        "})Ns, neither a text nor a number",
        "}NNsNNs, key null twice",
        "NQ, other than a storage",
        ")Q, other than a storage",
        "'h\u0007', asks for value 7",
        "j\u00ff\u00ff\u00ff\u00ff, asks for value 4294967295",
        "NN, something is left over"
    })
    void aValueOfAnotherKind(String operations, String complaint) {
        assertPickleRefused(pickle(operations), complaint);
    }

    @ParameterizedTest
    @CsvSource({
        "collections, OrderedDict",
        "torch._utils, _rebuild_tensor_v2",
        "torch._utils, _rebuild_parameter",
        "torch, FloatStorage",
        "torch, float32"
    })
    void aCallOfAnotherKind(String module, String name) {
        for (String arguments : new String[] {"(NNNNNNNNt", "(NNNt", "(Nt"}) {
            assertPickleRefused(pickle(global(module, name) + arguments + "R"), "");
        }
    }

    /** An OrderedDict that sets its own methods. */
    @Test
    void attributesOfADict() {
        String state = "}" + text("_metadata") + "}s" + text("__class__") + "Ns";
        assertPickleRefused(
                pickle(PyTorchBytes.ORDERED_DICT + state + "b"),
                "it sets other attributes than the _metadata of an OrderedDict");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "X\u00ff\u00ff\u00ff\u00ff",
                "X\u00ff\u00ff\u00ff\u007f",
                "X\u0005\u0000\u0000\u0000four",
                "\u008a\u00ff\u0001",
                "G\u0000",
                "J\u0000",
                "M\u0000",
                "cos"
            })
    void moreThanThereIs(String operation) {
        assertPickleRefused(PyTorchBytes.PROTOCOL_2 + operation, "its data.pkl ends too early");
    }

    @Test
    void aTextThatIsNotInUtf8() {
        assertPickleRefused(pickle("X" + littleEndian(1) + "\u00ff"), "it is not in UTF-8");
    }

    @Test
    void aNameWithoutEnd() {
        assertPickleRefused(pickle("c" + "x".repeat(1 << 20)), "it names something by more than 200 characters");
        assertPickleRefused(
                pickle(global("m".repeat(150), "n".repeat(150))),
                "it is a pickled " + "m".repeat(80) + "…, not weights");
        assertPickleRefused(pickle(global("o\u001b[2Js", "x")), "it is a pickled o\\u001b[2Js.x, not weights");
    }

    /** Lists of lists, each of which is short and all of which, unfolded, are 10¹⁰⁰ values. */
    @Test
    void aBombOfReferences() {
        StringBuilder lists = new StringBuilder("(]q\u0000");
        for (char i = 0; i < 100; i++) {
            lists.append("](").append(("h" + i).repeat(10)).append("eq").append((char) (i + 1));
        }
        assertPickleRefused(pickle(dict("x", lists + "t")), "it holds no state_dict, only x");
    }

    @Test
    void aBombOfMemory() {
        for (String operation : new String[] {"}", "]", "(", "N", "Nq\u0000", "h\u0000"}) {
            assertPickleRefused(
                    PyTorchBytes.PROTOCOL_2 + "Nq\u0000" + operation.repeat(1 << 21),
                    "it has more than 1048576 operations");
        }
    }

    @Test
    void valuesThatContainThemselves() throws IOException {
        assertPickleRefused(pickle("}q\u0000" + text("x") + "h\u0000s"), "it holds no state_dict, only x");
        assertPickleRefused(pickle("]q\u0000h\u0000a"), "it is a pickled list, not a state_dict");
        assertPickleRefused(pickle("}q\u0000h\u0000Ns"), "a dict has a key that is neither a text nor a number");
        String both = dict("x", tensor(2, 0, tuple(2), tuple(1))) + "q\u0007" + text("me") + "h\u0007s";
        WeightsFile read = read(archive(pickle(both), TWO));
        assertThat(read.tensors()).containsOnlyKeys("x");
        assertThat(read.metadata()).isEqualTo(Map.of("me", "dict"));
    }

    /** Deeper than a stack that walked through it. */
    @Test
    void valuesAsDeepAsThePickle() throws IOException {
        String deep = "]".repeat(100_000) + "a".repeat(99_999);
        String value = dict("x", tensor(2, 0, tuple(2), tuple(1))) + text("deep") + deep + "s";
        assertThat(read(archive(pickle(value), TWO)).metadata()).isEqualTo(Map.of("deep", "list"));
        assertPickleRefused(pickle(deep), "it is a pickled list, not a state_dict");
        assertPickleRefused(
                pickle("(".repeat(100_000) + "t".repeat(100_000)), "it is a pickled tuple, not a state_dict");
    }

    @ParameterizedTest
    @ValueSource(strings = {"../0", "/etc/passwd", "..", "", "0/../../x", "-1", "0x0", "0\u0000", "٣", "99999999999"})
    void aStorageOfAnyName(String key) {
        assertPickleRefused(
                pickle(dict("x", tensor(storage("FloatStorage", key, 2), integer(0) + tuple(2) + tuple(1)))),
                "it refers to something other than a storage of the file");
    }

    @Test
    void aStorageThatIsNotThere() {
        assertPickleRefused(
                pickle(dict("x", tensor(storage("FloatStorage", "7", 2), integer(0) + tuple(2) + tuple(1)))),
                "it has no entry data/7");
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 3, 1 << 28})
    void aStorageOfAnotherSize(long values) {
        assertPickleRefused(
                pickle(dict("x", tensor(storage("FloatStorage", "0", values), integer(0) + tuple(0) + tuple(1)))),
                "its entry data/0 has 8 bytes, but " + values + " values of F32 are " + 4 * values);
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, Long.MIN_VALUE, Long.MAX_VALUE, (1L << 30) + 1, 1L << 62})
    void aStorageOfAnySize(long values) {
        assertPickleRefused(
                pickle(dict("x", tensor(values, 0, tuple(2), tuple(1)))),
                "it refers to something other than a storage of the file");
    }

    @Test
    void aStorageOfTwoTypes() {
        String x = tensor(storage("FloatStorage", "0", 2), integer(0) + tuple(2) + tuple(1));
        String y = tensor(storage("LongStorage", "0", 1), integer(0) + tuple(1) + tuple(1));
        assertPickleRefused(pickle(dict("x", x) + text("y") + y + "s"), "its entry data/0 is described in two ways");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "0; 3; 1",
                "1; 2; 1",
                "2; 1; 1",
                "3; 0; 1",
                "-1; 1; 1",
                "-9223372036854775808; 1; 1",
                "9223372036854775807; 1; 1",
                "9223372036854775807; 2; 9223372036854775807",
                "0; 2; 2",
                "0; 2; -1",
                "1; 2; -1",
                "0; 1; -1",
                "0; 2; 9223372036854775807",
                "0; 3; 4611686018427387904",
                "0; 3; 9223372036854775807",
                "0; 2,2; 1,1",
                "0; 2,2; 9223372036854775807,1",
                "0; 2,2,2; 4611686018427387904,4611686018427387904,4611686018427387904",
                "0; 1073741824; 1"
            })
    void aViewBeyondItsStorage(long offset, String shape, String strides) {
        assertPickleRefused(
                pickle(dict("x", tensor(2, offset, tuple(longs(shape)), tuple(longs(strides))))),
                "a tensor of shape [" + shape.replace(",", ", ") + "], strides [" + strides.replace(",", ", ")
                        + "] and offset " + offset + " is not within its storage of 2 values");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "-1; 1",
                "2; 1,1",
                "1,2; 1",
                "4611686018427387904,4; 0,0",
                "4294967296,4294967296; 0,0",
                "1073741825; 0",
                "0,9223372036854775807; 1,1",
                "0,4294967296; 1,1"
            })
    void aShapeOfNoArray(String shape, String strides) {
        assertPickleRefused(
                pickle(dict("x", tensor(2, 0, tuple(longs(shape)), tuple(longs(strides))))),
                "a tensor has the shape [" + shape.replace(",", ", ") + "] and the strides");
    }

    @Test
    void aShapeOfManyDimensions() {
        long[] ones = new long[33];
        Arrays.fill(ones, 1);
        assertPickleRefused(
                pickle(dict("x", tensor(2, 0, tuple(ones), tuple(ones)))), "a tensor has the shape [1, 1, ");
    }

    @Test
    void shapesOfOtherThings() {
        assertPickleRefused(
                pickle(dict("x", tensor(2, 0, "(NtNN".substring(0, 3), tuple(1)))),
                "a tensor's shape or strides are not whole numbers");
        assertPickleRefused(
                pickle(dict("x", tensor(2, 0, "(\u0088t", tuple(1)))),
                "a tensor's shape or strides are not whole numbers");
        assertPickleRefused(
                pickle(dict("x", tensor(2, 0, "(\u008a\u0009" + "\u0001".repeat(9) + "t", tuple(1)))),
                "a tensor's shape or strides are not whole numbers");
        assertPickleRefused(
                pickle(dict("x", tensor(2, 0, "N", tuple(1)))), "a tensor is described otherwise than PyTorch does");
        assertPickleRefused(pickle(dict("x", tensor("N", integer(0) + tuple(1) + tuple(1)))), "described otherwise");
    }

    /** Two values, repeated, would be a gigabyte. */
    @Test
    void aBombOfRepetitions() {
        assertPickleRefused(
                pickle(dict("x", tensor(2, 0, tuple(1 << 25), tuple(0)))),
                "its tensors have more than 100 times the file's size");
        assertPickleRefused(pickle(dict("x", tensor(2, 0, tuple(1 << 30), tuple(0)))), "it holds more than 1024 MiB");
        StringBuilder many = new StringBuilder("}");
        for (int i = 0; i < 100; i++) {
            many.append(text("" + i))
                    .append(tensor(2, 0, tuple(1 << 20), tuple(0)))
                    .append("s");
        }
        assertPickleRefused(pickle(many.toString()), "its tensors have more than 100 times the file's size");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a\nb", "\u001b[2J", "a\u202eb"})
    void aNameThatHides(String name) {
        assertPickleRefused(
                pickle(dict(name, tensor(2, 0, tuple(2), tuple(1)))),
                "a name has 1 or more characters, all of them visible");
    }

    @Test
    void theSameNameTwice() {
        String x = text("x") + tensor(2, 0, tuple(2), tuple(1));
        assertPickleRefused(pickle("}" + x + "s" + x + "s"), "a dict has the key x twice");
        assertPickleRefused(pickle("}(" + x + x + "u"), "a dict has the key x twice");
    }

    @Test
    void valuesThatAreNotFinite() {
        assertRefused(archive(good(), floats(1, Float.NaN)), "x has the value NaN at 1");
        assertRefused(archive(good(), floats(Float.NEGATIVE_INFINITY, 0)), "x has the value -Infinity at 0");
    }

    @Test
    void cutAnywhere() throws IOException {
        byte[] file = archive(good(), TWO);
        for (int length = 0; length < file.length; length++) {
            assertRefused(Arrays.copyOf(file, length), "");
        }
        String pickle = good();
        for (int length = 0; length < pickle.length(); length++) {
            assertPickleRefused(pickle.substring(0, length), "");
        }
    }

    @Test
    void somethingAfterItsEnd() {
        assertPickleRefused(good() + "N", "something is left over at its end");
    }

    @Test
    void valuesThatAreDamaged() {
        byte[] file = archive(good(), TWO);
        int place = new String(file, StandardCharsets.ISO_8859_1).indexOf("data/0") + "data/0".length();
        file[place] ^= 1;
        assertRefused(file, "its entry data/0 is damaged: its checksum is another");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../evil",
                "/etc/passwd",
                "archive/../../evil",
                "archive/data/../0",
                "data/0",
                "other/data.pkl",
                "archives/data/0"
            })
    void anEntryOutsideTheFolder(String name) {
        Map<String, byte[]> entries = entries(good(), TWO);
        entries.put(name, TWO);
        assertRefused(archive(entries), "it holds the entry " + name + ", which torch.save does not write");
    }

    @Test
    void anEntryTwice() {
        Map<String, byte[]> entries = entries(good(), TWO);
        entries.put("archive/data/O", floats(3, 4));
        byte[] file = bytes(new String(archive(entries), StandardCharsets.ISO_8859_1).replace("data/O", "data/0"));
        assertRefused(file, "it holds the entry archive/data/0 twice");
    }

    @Test
    void aCompressedBomb() {
        Map<String, byte[]> entries = entries(good(), new byte[1 << 20]);
        assertRefused(
                archive(entries, ZipEntry.DEFLATED),
                "its entry archive/data.pkl is compressed, which torch.save does not do");
    }

    /** Two entries that are the same bytes of the file, and so could be a thousand. */
    @Test
    void entriesThatOverlap() {
        Map<String, byte[]> entries = entries(good(), TWO);
        entries.put("archive/data/1", new byte[5000]);
        entries.put("archive/data/2", new byte[5000]);
        byte[] file = archive(entries);
        String text = new String(file, StandardCharsets.ISO_8859_1);
        int local = text.indexOf("archive/data/1") - 30;
        int end = text.indexOf("archive/data/2") - 30;
        // Without the second content, whose entry in the directory then is the first's.
        String directory = text.substring(text.indexOf("PK\u0001\u0002"));
        String cut = text.substring(0, end) + directory;
        int place = cut.lastIndexOf("archive/data/2") - 4;
        byte[] overlapping = bytes(cut);
        System.arraycopy(bytes(littleEndian(local)), 0, overlapping, place, 4);
        int start = cut.lastIndexOf("PK\u0005\u0006") + 16;
        System.arraycopy(bytes(littleEndian(end)), 0, overlapping, start, 4);
        assertRefused(overlapping, "its entries overlap");
    }

    @Test
    void aByteOrderOfNoMachine() {
        Map<String, byte[]> entries = entries(good(), TWO);
        entries.put("archive/byteorder", bytes("middle"));
        assertRefused(archive(entries), "its byteorder is middle, not little or big");
        entries.put("archive/byteorder", new byte[(32 << 20) + 1]);
        assertRefused(archive(entries), "its entry byteorder is larger than 32 MiB");
    }

    @Test
    void anotherZip() {
        assertRefused(archive(Map.of("configuration.json", TWO)), "it has no entry data.pkl, which torch.save writes");
        assertRefused(archive(Map.of("a/b/data.pkl", TWO)), "its data.pkl is not where torch.save puts it");
        assertRefused(archive(new LinkedHashMap<>()), "");
    }

    private static long[] longs(String numbers) {
        return Arrays.stream(numbers.split(",")).mapToLong(Long::parseLong).toArray();
    }

    private void assertPickleRefused(String pickle, String complaint) {
        assertRefused(archive(pickle, TWO), complaint);
    }

    private void assertRefused(byte[] content, String complaint) {
        assertThatThrownBy(() -> read(content))
                .isInstanceOf(ModelFileException.class)
                .hasMessageStartingWith(folder.resolve("hostile.pt") + ": is refused as PyTorch weights: ")
                .hasMessageContaining(complaint)
                .message()
                .doesNotContainPattern("\\p{Cntrl}")
                .hasSizeLessThan(600);
    }

    private WeightsFile read(byte[] content) throws IOException {
        return PyTorchFile.read(Files.write(folder.resolve("hostile.pt"), content));
    }
}
