package org.bncnn.weights;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bncnn.store.UntrustedJson;
import org.bncnn.text.Printable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The header of a safetensors file, JSON: which tensors there are and where, and texts that describe them.
 *
 * @param entries in the order of their data, which they cover without a hole and without overlapping
 */
record SafetensorsHeader(List<Entry> entries, Map<String, String> metadata) {
    static final String METADATA = "__metadata__";

    private static final String TYPE = "dtype";
    private static final String SHAPE = "shape";
    private static final String OFFSETS = "data_offsets";
    private static final String INCOMPLETE = "has not just " + TYPE + ", " + SHAPE + " and " + OFFSETS;

    /** The format's own library starts the data at a multiple of this number of bytes. */
    private static final int ALIGNMENT = 8;

    private static final ObjectMapper MAPPER = new ObjectMapper();

    /**
     * A tensor in the file.
     *
     * @param begin of its values, counted from the header's end
     * @param values how many it has
     */
    record Entry(String name, TensorType type, long[] shape, long begin, long values) {
        long end() {
            return begin + values * type.bytes();
        }
    }

    /**
     * {@return what a header says}, read token by token, so that it takes no more memory than what it describes
     *
     * @param header all of it
     * @param dataBytes bytes that follow it in the file
     * @throws IOException if it is not a header of that many bytes
     */
    static SafetensorsHeader parse(byte[] header, long dataBytes) throws IOException {
        try (JsonParser json = UntrustedJson.parser(new ByteArrayInputStream(header))) {
            return parse(json, dataBytes);
        } catch (JacksonException e) {
            throw new IOException("its header: it is no JSON: " + e.getOriginalMessage(), e);
        } catch (CharacterCodingException e) {
            throw new IOException("its header: it is not in UTF-8", e);
        } catch (IOException | IllegalArgumentException e) {
            throw new IOException("its header: " + e.getMessage(), e);
        }
    }

    private static SafetensorsHeader parse(JsonParser json, long dataBytes) throws IOException {
        if (json.nextToken() != JsonToken.START_OBJECT) {
            throw new IOException("it is no JSON object");
        }
        Map<String, String> metadata = new LinkedHashMap<>();
        List<Entry> entries = new ArrayList<>();
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String name = json.currentName();
            json.nextToken();
            if (name.equals(METADATA)) {
                metadata = metadata(json);
            } else {
                entries.add(entry(name, json, dataBytes));
            }
        }
        if (json.nextToken() != null) {
            throw new IOException("it is no JSON: something follows its end");
        }
        entries.sort(Comparator.comparingLong(Entry::begin).thenComparing(Entry::end));
        checkCover(entries, dataBytes);
        return new SafetensorsHeader(List.copyOf(entries), metadata);
    }

    private static Map<String, String> metadata(JsonParser json) throws IOException {
        Map<String, String> metadata = new LinkedHashMap<>();
        if (json.currentToken() != JsonToken.START_OBJECT) {
            throw new IOException(METADATA + " is no object");
        }
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String key = json.currentName();
            if (json.nextToken() != JsonToken.VALUE_STRING || !isUnicode(json.getText())) {
                throw new IOException(METADATA + ": " + Printable.excerpt(key) + " is no text");
            }
            metadata.put(key, json.getText());
        }
        return metadata;
    }

    /** JSON's escapes also make second halves of characters, which cannot be written again. */
    private static boolean isUnicode(String text) {
        return StandardCharsets.UTF_8.newEncoder().canEncode(text);
    }

    private static Entry entry(String name, JsonParser json, long dataBytes) throws IOException {
        checkName(name);
        try {
            return described(name, json, dataBytes);
        } catch (JacksonException | CharacterCodingException e) {
            throw e;
        } catch (IOException e) {
            throw new IOException(TensorLimits.shown(name) + " " + e.getMessage(), e);
        }
    }

    /** @throws IllegalArgumentException if no tensor of a safetensors file may be called so */
    static void checkName(String name) {
        TensorLimits.checkName(name);
        if (name.equals(METADATA)) {
            throw new IllegalArgumentException(METADATA + " is not the name of a tensor");
        }
    }

    private static Entry described(String name, JsonParser json, long dataBytes) throws IOException {
        String type = null;
        long[] shape = null;
        long[] offsets = null;
        if (json.currentToken() == JsonToken.START_OBJECT) {
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String field = json.currentName();
                JsonToken value = json.nextToken();
                if (field.equals(TYPE) && value == JsonToken.VALUE_STRING) {
                    type = json.getText();
                } else if (field.equals(SHAPE) && value == JsonToken.START_ARRAY) {
                    shape = numbers(json, SHAPE);
                } else if (field.equals(OFFSETS) && value == JsonToken.START_ARRAY) {
                    offsets = numbers(json, OFFSETS);
                } else {
                    throw new IOException(INCOMPLETE);
                }
            }
        }
        if (type == null || shape == null || offsets == null) {
            throw new IOException(INCOMPLETE);
        }
        if (offsets.length != 2 || offsets[0] > offsets[1] || offsets[1] > dataBytes) {
            throw new IOException("has the " + OFFSETS + " " + Arrays.toString(offsets) + ", which are not within the "
                    + dataBytes + " bytes of data");
        }
        TensorType known = type(type);
        return new Entry(name, known, shape, offsets[0], values(shape, known, offsets[1] - offsets[0]));
    }

    private static TensorType type(String name) throws IOException {
        return Arrays.stream(TensorType.values())
                .filter(each -> each.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IOException("is of type " + Printable.excerpt(TensorLimits.shown(name))
                        + ", which is not read; it can be " + Arrays.toString(TensorType.values())));
    }

    private static long[] numbers(JsonParser json, String what) throws IOException {
        long[] numbers = new long[TensorLimits.LARGEST_RANK];
        int length = 0;
        while (json.nextToken() != JsonToken.END_ARRAY) {
            if (length == TensorLimits.LARGEST_RANK) {
                throw new IOException("has a " + what + " of more than " + TensorLimits.LARGEST_RANK + " numbers");
            }
            if (json.currentToken() != JsonToken.VALUE_NUMBER_INT
                    || json.getNumberType() == JsonParser.NumberType.BIG_INTEGER
                    || json.getLongValue() < 0) {
                throw new IOException("has a " + what + " of other than whole numbers from 0 on");
            }
            numbers[length++] = json.getLongValue();
        }
        return Arrays.copyOf(numbers, length);
    }

    /** {@return the number of values of a shape}, which must fill the bytes */
    private static long values(long[] shape, TensorType type, long bytes) throws IOException {
        long values = TensorLimits.values(shape);
        if (values != bytes / type.bytes() || values * type.bytes() != bytes) {
            throw new IOException("has the shape " + Arrays.toString(shape) + " of " + type
                    + ", which is not that of its " + bytes + " bytes");
        }
        return values;
    }

    private static void checkCover(List<Entry> sorted, long dataBytes) throws IOException {
        long covered = 0;
        for (Entry entry : sorted) {
            if (entry.begin() != covered) {
                throw new IOException(
                        TensorLimits.shown(entry.name()) + " begins at byte " + entry.begin() + " of the data, but "
                                + (entry.begin() > covered ? "nothing fills those from " : "the one before it ends at ")
                                + covered);
            }
            covered = entry.end();
        }
        if (covered != dataBytes) {
            throw new IOException("its tensors end at byte " + covered + " of " + dataBytes + " bytes of data");
        }
    }

    /** {@return the number of bytes of data} */
    long dataBytes() {
        return entries.isEmpty() ? 0 : entries.get(entries.size() - 1).end();
    }

    /** {@return the header of a file of these tensors}, in the order in which the format's own library writes them */
    static SafetensorsHeader of(WeightsFile weights) {
        Comparator<Map.Entry<String, INDArray>> byType =
                Comparator.comparing(tensor -> TensorType.of(tensor.getValue()));
        List<Map.Entry<String, INDArray>> sorted = weights.tensors().entrySet().stream()
                .sorted(byType.thenComparing(Map.Entry.comparingByKey()))
                .toList();
        List<Entry> entries = new ArrayList<>();
        long begin = 0;
        for (Map.Entry<String, INDArray> tensor : sorted) {
            INDArray values = tensor.getValue();
            Entry entry = new Entry(tensor.getKey(), TensorType.of(values), values.shape(), begin, values.length());
            entries.add(entry);
            begin = entry.end();
        }
        return new SafetensorsHeader(entries, new TreeMap<>(weights.metadata()));
    }

    /** {@return the JSON, padded with spaces} */
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
