package org.bncnn.store;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Results and provenance as JSON in UTF-8: records become objects with the same names, constants their text.
 *
 * <p>A number that is missing, null, text or would lose digits is an error. A record's constructor checks the rest.
 */
public final class JsonFile {
    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .enable(SerializationFeature.WRITE_ENUMS_USING_TO_STRING)
            .enable(
                    DeserializationFeature.READ_ENUMS_USING_TO_STRING,
                    DeserializationFeature.FAIL_ON_NUMBERS_FOR_ENUMS,
                    DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES,
                    DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .defaultSetterInfo(JsonSetter.Value.forContentNulls(Nulls.FAIL))
            .build();
    private static final ObjectWriter INDENTED = MAPPER.writerWithDefaultPrettyPrinter();

    private JsonFile() {}

    /** {@return a value as indented JSON} */
    static byte[] bytes(Object value) throws IOException {
        return INDENTED.writeValueAsBytes(value);
    }

    /**
     * Writes a value, indented, whole or not at all.
     *
     * @param file to write
     * @param value a record or collection
     * @throws UnwritableFileException if it cannot be written
     */
    public static void write(Path file, Object value) throws IOException {
        AtomicFile.write(file, temporary -> Files.write(temporary, bytes(value)));
    }

    /**
     * {@return the value that a line holds}
     *
     * @param line JSON
     * @param type of the value
     * @param <T> type of the value
     * @throws JsonFormatException if it is not JSON, or not of that type
     */
    public static <T> T parse(String line, Class<T> type) throws JsonFormatException {
        return checked("", () -> MAPPER.readValue(line, type));
    }

    /**
     * {@return the value that a file holds}
     *
     * @param file to read
     * @param type of the value
     * @param <T> type of the value
     * @throws JsonFormatException if it is not JSON, or not of that type; the message names the file
     * @throws IOException if it cannot be read
     */
    public static <T> T read(Path file, Class<T> type) throws IOException {
        byte[] content = content(file);
        return checked(file + ": ", () -> MAPPER.readValue(content, type));
    }

    /**
     * {@return the content of a file}
     *
     * @param file to read
     * @throws IOException if it cannot be read; the message names the file
     */
    public static byte[] content(Path file) throws IOException {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new IOException(file + ": cannot be read (" + UnwritableFileException.reason(e) + ")", e);
        }
    }

    /**
     * {@return a value as JSON that is not written yet}
     *
     * @param value a record or collection
     */
    public static JsonNode tree(Object value) {
        return MAPPER.valueToTree(value);
    }

    /**
     * {@return the value that JSON stands for}
     *
     * @param tree the JSON
     * @param type of the value
     * @param source origin of the JSON, such as its file, for the message
     * @param <T> type of the value
     * @throws JsonFormatException if it is not of that type
     */
    public static <T> T value(JsonNode tree, Class<T> type, String source) throws JsonFormatException {
        return checked(source + ": ", () -> MAPPER.treeToValue(tree, type));
    }

    /** Makes a value of JSON. */
    @FunctionalInterface
    private interface Binding<T> {
        T bind() throws IOException;
    }

    private static <T> T checked(String source, Binding<T> binding) throws JsonFormatException {
        try {
            T value = binding.bind();
            if (value == null) {
                throw new JsonFormatException(source + "must not be null", null);
            }
            return value;
        } catch (JsonFormatException e) {
            throw e;
        } catch (IOException e) {
            throw JsonFormatException.of(source, e);
        }
    }

    /**
     * {@return a value on one line, without the line's end}
     *
     * @param value a record or collection
     * @throws IOException if it has no form in JSON
     */
    public static String line(Object value) throws IOException {
        return MAPPER.writeValueAsString(value);
    }
}
