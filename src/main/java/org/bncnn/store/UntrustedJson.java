package org.bncnn.store;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * JSON of a file that anybody may have made: plain values, none of which is trusted yet. {@link JsonFile} reads what
 * this program wrote.
 */
public final class UntrustedJson {
    private static final int DEEPEST = 100;

    /** Names are not kept for the next file: they are the file's, and may be a million. */
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .streamReadConstraints(
                    StreamReadConstraints.builder().maxNestingDepth(DEEPEST).build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .build();

    private static final ObjectMapper UNTYPED =
            new ObjectMapper(FACTORY).enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private UntrustedJson() {}

    /**
     * {@return the text that bytes are in UTF-8}
     *
     * @param bytes all of the text
     * @throws IOException if they are not UTF-8
     */
    public static String decode(byte[] bytes) throws IOException {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new IOException("it is not in UTF-8", e);
        }
    }

    /**
     * {@return the tokens of a stream}, for JSON too large for a tree. Its parser throws {@link JacksonException} if
     * that is not JSON, is nested too deeply or has a field twice, and {@link CharacterCodingException} if it is not in
     * UTF-8.
     *
     * @param in a stream of JSON in UTF-8
     * @throws IOException if it cannot be read
     */
    public static JsonParser parser(InputStream in) throws IOException {
        return FACTORY.createParser(new InputStreamReader(in, StandardCharsets.UTF_8.newDecoder()));
    }

    /** @throws IOException if it is not JSON, is nested too deeply, has a field twice, or something follows it */
    static JsonNode parse(String json) throws IOException {
        try {
            return UNTYPED.readTree(json);
        } catch (JacksonException e) {
            throw new IOException("it is no JSON: " + e.getOriginalMessage(), e);
        }
    }
}
