package org.bncnn.weights;

import java.io.IOException;
import java.util.Arrays;
import java.util.regex.Pattern;
import org.bncnn.text.Printable;

/** What a tensor may be called and how large it may be, in a file that anybody may have made. */
final class TensorLimits {
    /** ND4J's limit. */
    static final int LARGEST_RANK = 32;

    /** Of all values in memory, as for DL4J's parameters in a model file. */
    static final long MOST_BYTES = 1L << 30;

    private static final int LONGEST_SHOWN = 80;

    /** No control characters, none that change the direction of the text, no halves of characters. */
    private static final Pattern VISIBLE = Pattern.compile("[\\P{C}&&[^\\p{Zl}\\p{Zp}]]+");

    private TensorLimits() {}

    /**
     * Checks a name. Names are shown and compared, so nothing in them may hide.
     *
     * @throws IllegalArgumentException if no tensor may be called so
     */
    static void checkName(String name) {
        if (!VISIBLE.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "a name has 1 or more characters, all of them visible, unlike " + Printable.excerpt(shown(name)));
        }
    }

    /** {@return a name, cut if it is long}, so that there is room for what is wrong with it */
    static String shown(String name) {
        return name.length() > LONGEST_SHOWN ? name.substring(0, LONGEST_SHOWN) + "…" : name;
    }

    /** {@return how many values a shape has}, without overflow; −1 if no array that is read may have it */
    static long values(long... shape) {
        if (shape.length > LARGEST_RANK) {
            return -1;
        }
        long product = 1;
        for (long size : shape) {
            // As 1, a dimension of 0 does not hide how large the others are.
            long factor = Math.max(size, 1);
            if (size < 0 || product > MOST_BYTES / factor) {
                return -1;
            }
            product *= factor;
        }
        return Arrays.stream(shape).anyMatch(size -> size == 0) ? 0 : product;
    }

    /** @throws IOException if a file's tensors would take more memory than is allowed */
    static void checkBytes(long bytes) throws IOException {
        if (bytes > MOST_BYTES) {
            throw new IOException("it holds more than " + (MOST_BYTES >> 20) + " MiB");
        }
    }
}
