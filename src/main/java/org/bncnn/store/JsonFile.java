package org.bncnn.store;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Results and provenance as JSON in UTF-8: records become objects with the same names, constants what they are called in the program. */
public final class JsonFile {
    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .enable(SerializationFeature.WRITE_ENUMS_USING_TO_STRING)
            .enable(DeserializationFeature.READ_ENUMS_USING_TO_STRING)
            .build();
    private static final ObjectWriter INDENTED = MAPPER.writerWithDefaultPrettyPrinter();

    private JsonFile() {}

    /** {@return a value as indented JSON} */
    static byte[] bytes(Object value) throws IOException {
        return INDENTED.writeValueAsBytes(value);
    }

    /** Writes a value, indented, whole or not at all. */
    public static void write(Path file, Object value) throws IOException {
        AtomicFile.write(file, temporary -> Files.write(temporary, bytes(value)));
    }

    /**
     * {@return the value that a line holds}
     *
     * @throws IOException if it is not JSON, or not of that type
     */
    public static <T> T parse(String line, Class<T> type) throws IOException {
        return MAPPER.readValue(line, type);
    }

    /**
     * {@return the value that a file holds}
     *
     * @throws IOException if it is not JSON, or not of that type
     */
    public static <T> T read(Path file, Class<T> type) throws IOException {
        return MAPPER.readerFor(type)
                .with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .readValue(Files.readAllBytes(file));
    }

    /** {@return a value as JSON that is not written yet} */
    public static JsonNode tree(Object value) {
        return MAPPER.valueToTree(value);
    }

    /**
     * {@return the value that JSON stands for}
     *
     * @throws IOException if it is not of that type
     */
    public static <T> T value(JsonNode tree, Class<T> type) throws IOException {
        return MAPPER.treeToValue(tree, type);
    }

    /** {@return a value on one line, without the line's end} */
    public static String line(Object value) throws IOException {
        return MAPPER.writeValueAsString(value);
    }
}
