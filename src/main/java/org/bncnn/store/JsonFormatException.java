package org.bncnn.store;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonMappingException.Reference;
import com.fasterxml.jackson.databind.exc.InvalidNullException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import java.io.IOException;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * JSON does not hold the value that it should. The message is one line: the field, such as {@code recipe.epochs}, and
 * why.
 */
public final class JsonFormatException extends IOException {
    private static final long serialVersionUID = 1L;

    private static final Map<Class<?>, String> KINDS = Map.of(
            int.class, "a whole number",
            long.class, "a whole number",
            Integer.class, "a whole number",
            double.class, "a number",
            boolean.class, "true or false",
            String.class, "text");

    JsonFormatException(String message, Throwable cause) {
        super(message, cause);
    }

    /** @param source origin of the JSON, with which the message begins; may be empty */
    static JsonFormatException of(String source, IOException e) {
        return new JsonFormatException(source + problem(e), e);
    }

    private static String problem(IOException e) {
        if (e instanceof JsonMappingException mapping) {
            return (field(mapping.getPath()) + " " + reason(mapping)).strip();
        }
        return e instanceof JsonProcessingException syntax
                ? "is not JSON: " + oneLine(syntax.getOriginalMessage()) + place(syntax.getLocation())
                : oneLine(e.getMessage());
    }

    private static String place(JsonLocation location) {
        return location == null ? "" : ", line " + location.getLineNr() + ", column " + location.getColumnNr();
    }

    /** {@return the field that a path leads to}; empty for the value itself */
    private static String field(List<Reference> path) {
        return path.stream()
                .map(step -> step.getFieldName() == null ? "[" + step.getIndex() + "]" : "." + step.getFieldName())
                .collect(Collectors.joining())
                .replaceFirst("^\\.", "");
    }

    private static String reason(JsonMappingException e) {
        if (e instanceof UnrecognizedPropertyException) {
            return "is not a known field";
        }
        if (e instanceof InvalidNullException) {
            return "must not be null";
        }
        if (e instanceof ValueInstantiationException && e.getCause() instanceof NullPointerException missing) {
            return "lacks the field " + missing.getMessage();
        }
        if (e instanceof ValueInstantiationException && e.getCause() != null) {
            return "is wrong: " + oneLine(e.getCause().getMessage());
        }
        if (e instanceof MismatchedInputException mismatch && mismatch.getTargetType() != null) {
            return "must be " + kind(mismatch.getTargetType());
        }
        return "is wrong: " + oneLine(e.getOriginalMessage());
    }

    private static String kind(Class<?> type) {
        if (type.isEnum()) {
            return Arrays.stream(type.getEnumConstants()).map(String::valueOf).collect(Collectors.joining(" or "));
        }
        return KINDS.getOrDefault(type, Collection.class.isAssignableFrom(type) ? "a list" : "an object");
    }

    private static String oneLine(String message) {
        return String.valueOf(message).lines().findFirst().orElse("");
    }
}
