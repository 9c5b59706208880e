package org.bncnn.data;

import java.util.List;

/** A list in a message: the first few of its elements, and the number of the others. */
final class ShortList {
    private static final int SHOWN = 5;

    private ShortList() {}

    /** {@return the elements with commas between, such as {@code a, b, c, d, e and 12 more}} */
    static String of(List<?> elements) {
        List<String> shown = elements.stream().limit(SHOWN).map(String::valueOf).toList();
        int more = elements.size() - shown.size();
        return String.join(", ", shown) + (more == 0 ? "" : " and " + more + " more");
    }
}
