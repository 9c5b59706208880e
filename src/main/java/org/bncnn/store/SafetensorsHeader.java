package org.bncnn.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.bncnn.text.Printable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The header of a safetensors file, JSON: what tensors there are and where, and texts that tell of them.
 *
 * @param entries in the order of their data, which they cover without a hole and without overlapping
 */
record SafetensorsHeader(List<Entry> entries, Map<String, String> metadata) {
    static final String METADATA = "__metadata__";

    private static final String TYPE = "dtype";
    private static final String SHAPE = "shape";
    private static final String OFFSETS = "data_offsets";

    private static final int LARGEST_RANK = 32;
    private static final int LONGEST_NAME = 100;

    /** Names are shown and compared, so nothing in them may hide: no control characters, none that turn the text around. */
    private static final Pattern NAME = Pattern.compile("[\\P{C}&&[^\\p{Zl}\\p{Zp}]]{1," + LONGEST_NAME + "}");

    /** The format's own library has the data begin at a multiple of so many bytes. */
    private static final int ALIGNMENT = 8;

    private static final ObjectMapper MAPPER = new ObjectMapper();

    /**
     * A tensor in the file.
     *
     * @param begin of its values, counted from the header's end
     * @param length how many values it has, at least 1
     */
    record Entry(String name, SafetensorsType type, long[] shape, long begin, int length) {
        long end() {
            return begin + (long) length * type.bytes();
        }
    }

    /**
     * {@return what a header tells}
     *
     * @param dataBytes that follow it in the file
     * @throws IOException if it is no header of just so many bytes
     */
    static SafetensorsHeader parse(byte[] json, long dataBytes) throws IOException {
        JsonNode root = UntrustedJson.parse(UntrustedJson.decode(json));
        if (!root.isObject()) {
            throw new IOException("it is no JSON object");
        }
        Map<String, String> metadata = new LinkedHashMap<>();
        List<Entry> entries = new ArrayList<>();
        for (Map.Entry<String, JsonNode> field : root.properties()) {
            if (field.getKey().equals(METADATA)) {
                metadata = metadata(field.getValue());
            } else {
                entries.add(entry(field.getKey(), field.getValue(), dataBytes));
            }
        }
        entries.sort(Comparator.comparingLong(Entry::begin));
        checkCover(entries, dataBytes);
        return new SafetensorsHeader(List.copyOf(entries), metadata);
    }

    private static Map<String, String> metadata(JsonNode node) throws IOException {
        Map<String, String> metadata = new LinkedHashMap<>();
        if (!node.isObject()) {
            throw new IOException(METADATA + " is no object");
        }
        for (Map.Entry<String, JsonNode> field : node.properties()) {
            if (!field.getValue().isTextual() || !isUnicode(field.getValue().textValue())) {
                throw new IOException(METADATA + ": " + Printable.excerpt(field.getKey()) + " is no text");
            }
            metadata.put(field.getKey(), field.getValue().textValue());
        }
        return metadata;
    }

    /** JSON's escapes also make second halves of characters, which cannot be written again. */
    private static boolean isUnicode(String text) {
        return StandardCharsets.UTF_8.newEncoder().canEncode(text);
    }

    private static Entry entry(String name, JsonNode node, long dataBytes) throws IOException {
        checkName(name);
        try {
            return described(name, node, dataBytes);
        } catch (IOException e) {
            throw new IOException(name + " " + e.getMessage(), e);
        }
    }

    /** @throws IllegalArgumentException if no tensor may be called so */
    static void checkName(String name) {
        if (!NAME.matcher(name).matches() || name.equals(METADATA)) {
            throw new IllegalArgumentException("a name has 1 to " + LONGEST_NAME
                    + " characters, all of which can be seen, unlike " + Printable.excerpt(name));
        }
    }

    private static Entry described(String name, JsonNode node, long dataBytes) throws IOException {
        JsonNode typeNode = node.path(TYPE);
        JsonNode shapeNode = node.path(SHAPE);
        JsonNode offsetsNode = node.path(OFFSETS);
        if (node.size() != 3 || !typeNode.isTextual() || !shapeNode.isArray() || !offsetsNode.isArray()) {
            throw new IOException("has not just " + TYPE + ", " + SHAPE + " and " + OFFSETS);
        }
        SafetensorsType type = Arrays.stream(SafetensorsType.values())
                .filter(each -> each.name().equals(typeNode.textValue()))
                .findFirst()
                .orElseThrow(() -> new IOException("is of type "
                        + Printable.excerpt(typeNode.textValue())
                        + ", which is not read; it can be F32, F64, F16, BF16 or I64"));
        long[] shape = numbers(shapeNode, SHAPE);
        long[] offsets = numbers(offsetsNode, OFFSETS);
        if (shape.length > LARGEST_RANK) {
            throw new IOException("has " + shape.length + " dimensions, more than " + LARGEST_RANK);
        }
        if (offsets.length != 2 || offsets[0] > offsets[1] || offsets[1] > dataBytes) {
            throw new IOException("has the " + OFFSETS + " " + Printable.excerpt(offsetsNode.toString())
                    + ", which are not within the " + dataBytes + " bytes of data");
        }
        long length = length(shape, type, offsets[1] - offsets[0]);
        return new Entry(name, type, shape, offsets[0], Math.toIntExact(length));
    }

    private static long[] numbers(JsonNode array, String what) throws IOException {
        long[] numbers = new long[array.size()];
        for (int i = 0; i < numbers.length; i++) {
            JsonNode number = array.get(i);
            if (!number.isIntegralNumber() || !number.canConvertToLong() || number.longValue() < 0) {
                throw new IOException("has the " + what + " " + Printable.excerpt(array.toString())
                        + ", which are not whole numbers from 0 on");
            }
            numbers[i] = number.longValue();
        }
        return numbers;
    }

    /** {@return how many values a shape has}, which must fill the bytes; each factor is held to them, so no product overflows */
    private static long length(long[] shape, SafetensorsType type, long bytes) throws IOException {
        long values = bytes / type.bytes();
        long length = 1;
        for (long size : shape) {
            if (size < 1 || length > values / size) {
                length = -1;
                break;
            }
            length *= size;
        }
        if (length != values || values * type.bytes() != bytes) {
            throw new IOException("has the shape " + Arrays.toString(shape) + " of " + type
                    + ", which is not that of its " + bytes + " bytes");
        }
        return length;
    }

    private static void checkCover(List<Entry> sorted, long dataBytes) throws IOException {
        long covered = 0;
        for (Entry entry : sorted) {
            if (entry.begin() != covered) {
                throw new IOException(entry.name() + " begins at byte " + entry.begin() + " of the data, but "
                        + (entry.begin() > covered ? "nothing fills those from " : "the one before it ends at ")
                        + covered);
            }
            covered = entry.end();
        }
        if (covered != dataBytes) {
            throw new IOException("its tensors end at byte " + covered + " of " + dataBytes + " bytes of data");
        }
    }

    /** {@return the header of a file of these tensors}, in the order in which the format's own library writes them */
    static SafetensorsHeader of(Map<String, INDArray> tensors, Map<String, String> metadata) {
        Comparator<Map.Entry<String, INDArray>> byType =
                Comparator.comparing(tensor -> SafetensorsType.of(tensor.getValue()));
        List<Map.Entry<String, INDArray>> sorted = tensors.entrySet().stream()
                .sorted(byType.thenComparing(Map.Entry.comparingByKey()))
                .toList();
        List<Entry> entries = new ArrayList<>();
        long begin = 0;
        for (Map.Entry<String, INDArray> tensor : sorted) {
            INDArray values = tensor.getValue();
            Entry entry = new Entry(
                    tensor.getKey(),
                    SafetensorsType.of(values),
                    values.shape(),
                    begin,
                    Math.toIntExact(values.length()));
            entries.add(entry);
            begin = entry.end();
        }
        return new SafetensorsHeader(entries, new TreeMap<>(metadata));
    }

    /** {@return the JSON, filled up with spaces} */
    byte[] bytes() throws IOException {
        ObjectNode root = MAPPER.createObjectNode();
        if (!metadata.isEmpty()) {
            root.set(METADATA, MAPPER.valueToTree(metadata));
        }
        for (Entry entry : entries) {
            ObjectNode node =
                    root.putObject(entry.name()).put(TYPE, entry.type().name());
            node.set(SHAPE, MAPPER.valueToTree(entry.shape()));
            node.set(OFFSETS, MAPPER.valueToTree(new long[] {entry.begin(), entry.end()}));
        }
        byte[] json = MAPPER.writeValueAsBytes(root);
        byte[] filled = Arrays.copyOf(json, (json.length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
        Arrays.fill(filled, json.length, filled.length, (byte) ' ');
        return filled;
    }
}
