package org.bncnn.text;

import java.util.Collection;
import java.util.function.Function;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;

/**
 * Text of a file, a folder or a library as it may be shown. A character that moves the cursor, begins a line, changes
 * the direction of writing or cannot be seen is shown by its code, such as {@code \u001b}: on a terminal it could forge
 * other output, and a name could look like another.
 */
public final class Printable {
    private static final int LONGEST_EXCERPT = 200;

    /** Writing systems and emoji need them within words. */
    private static final String JOINERS = "\u200c\u200d";

    private Printable() {}

    /**
     * {@return a text as part of a line}
     *
     * @param text any text
     */
    public static String line(String text) {
        return escaped(text, Printable::isPrintable);
    }

    /**
     * {@return the beginning of a text as part of a line}
     *
     * @param text a text of any length
     */
    public static String excerpt(String text) {
        return text.codePointCount(0, text.length()) <= LONGEST_EXCERPT
                ? line(text)
                : line(text.substring(0, text.offsetByCodePoints(0, LONGEST_EXCERPT))) + "…";
    }

    /**
     * {@return a text of several lines}, in which line ends and tabs stay
     *
     * @param text any text
     */
    public static String lines(String text) {
        return escaped(text, c -> c == '\n' || c == '\t' || isPrintable(c));
    }

    /**
     * {@return a list for a message, shortened to its first elements}, such as {@code a, b, c and 12 more}
     *
     * @param <T> type of the elements
     * @param elements the elements
     * @param most number of elements that are shown
     * @param shown how an element is shown; asked for these only
     */
    public static <T> String shortened(Collection<T> elements, int most, Function<T, String> shown) {
        int more = elements.size() - most;
        return elements.stream().limit(most).map(shown).collect(Collectors.joining(", "))
                + (more > 0 ? " and " + more + " more" : "");
    }

    private static String escaped(String text, IntPredicate stays) {
        if (text.codePoints().allMatch(stays)) {
            return text;
        }
        return text.codePoints()
                .mapToObj(c -> stays.test(c) ? Character.toString(c) : code(c))
                .collect(Collectors.joining());
    }

    private static String code(int c) {
        return switch (c) {
            case '\n' -> "\\n";
            case '\r' -> "\\r";
            case '\t' -> "\\t";
            default -> Numbers.format("\\u%04x", c);
        };
    }

    private static boolean isPrintable(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE -> // half of a pair
                false;
            case Character.FORMAT -> JOINERS.indexOf(c) >= 0;
            default -> true;
        };
    }
}
