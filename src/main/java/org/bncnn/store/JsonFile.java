package org.bncnn.store;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Results and provenance as JSON in UTF-8: records become objects with the same names. */
public final class JsonFile {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final ObjectWriter INDENTED = MAPPER.writerWithDefaultPrettyPrinter();

    private JsonFile() {}

    /** Writes a value, indented, whole or not at all. */
    public static void write(Path file, Object value) throws IOException {
        AtomicFile.write(file, temporary -> Files.write(temporary, INDENTED.writeValueAsBytes(value)));
    }

    /** {@return a value on one line, without the line's end} */
    public static String line(Object value) throws IOException {
        return MAPPER.writeValueAsString(value);
    }
}
