package org.bncnn.store;

import java.util.regex.Pattern;
import org.bncnn.text.Printable;

/** Names of tensors in files that anybody may have made. They are shown and compared, so nothing in them may hide. */
final class TensorName {
    private static final int LONGEST_SHOWN = 80;

    /** No control characters, none that turn the text around, no halves of characters. */
    private static final Pattern VISIBLE = Pattern.compile("[\\P{C}&&[^\\p{Zl}\\p{Zp}]]+");

    private TensorName() {}

    /** @throws IllegalArgumentException if no tensor may be called so */
    static void check(String name) {
        if (!VISIBLE.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "a name has 1 or more characters, all of them visible, unlike " + Printable.excerpt(shown(name)));
        }
    }

    /** {@return a name, cut if it is long}, so that there is room for what is wrong with it */
    static String shown(String name) {
        return name.length() > LONGEST_SHOWN ? name.substring(0, LONGEST_SHOWN) + "…" : name;
    }
}
