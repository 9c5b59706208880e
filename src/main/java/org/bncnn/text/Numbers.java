package org.bncnn.text;

import java.util.Locale;

/** Numbers as text, in the same form in every locale. */
public final class Numbers {
    private Numbers() {}

    /**
     * {@return a text with numbers in it}
     *
     * @param format as {@link String#format} takes it
     * @param values the values that the format places
     */
    public static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }

    /**
     * {@return a share in percent, such as {@code 93.52 %}}
     *
     * @param share the share; 1 is the whole
     */
    public static String percent(double share) {
        return format("%.2f %%", 100 * share);
    }

    /**
     * {@return a count whose thousands are separated, such as {@code 10,000}}
     *
     * @param count the count
     */
    public static String count(long count) {
        return format("%,d", count);
    }
}
