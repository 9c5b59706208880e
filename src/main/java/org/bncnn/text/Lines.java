package org.bncnn.text;

import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A text for a terminal, written line by line: sentences and rows of tables. Each line ends with {@code \n}, and no
 * line with a space. Values are shown as {@link Printable#line} shows them, so a value cannot begin a line.
 */
public final class Lines {
    private static final Pattern COLUMN = Pattern.compile("(%-?)(\\d*)s");

    private final StringBuilder text = new StringBuilder();

    /** No lines yet. */
    public Lines() {}

    /**
     * Adds a line.
     *
     * @param format as {@link Numbers#format} takes it; may begin with {@code %n}, which leaves a line empty
     * @param values the values that the format places
     */
    public void add(String format, Object... values) {
        Object[] shown = Arrays.stream(values)
                .map(value -> value instanceof Number ? value : Printable.line(String.valueOf(value)))
                .toArray();
        text.append(Numbers.format(format.replace("%n", "\n"), shown).stripTrailing())
                .append('\n');
    }

    /**
     * Adds a table. A column that has a width in the format is at least that wide, and as wide as its widest cell.
     *
     * @param columns format of a row, such as {@code "%-8s %9s  %s"}
     * @param rows the cells of each row, headings included
     */
    public void table(String columns, List<List<?>> rows) {
        Matcher column = COLUMN.matcher(columns);
        StringBuilder widened = new StringBuilder();
        for (int i = 0; column.find(); i++) {
            String least = column.group(2);
            Object width = least.isEmpty() ? least : Math.max(Integer.parseInt(least), widest(rows, i));
            column.appendReplacement(widened, column.group(1) + width + "s");
        }
        column.appendTail(widened);
        rows.forEach(row -> add(widened.toString(), row.toArray()));
    }

    private static int widest(List<List<?>> rows, int column) {
        return rows.stream()
                .mapToInt(row -> Printable.line(String.valueOf(row.get(column))).length())
                .max()
                .orElse(0);
    }

    /** {@return whether there is no line yet} */
    public boolean isEmpty() {
        return text.isEmpty();
    }

    /** {@return all lines} */
    @Override
    public String toString() {
        return text.toString();
    }
}
