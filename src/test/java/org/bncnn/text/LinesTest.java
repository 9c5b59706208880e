package org.bncnn.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LinesTest {
    private final Locale locale = Locale.getDefault();

    @BeforeEach
    void elsewhere() {
        Locale.setDefault(Locale.GERMANY);
    }

    @AfterEach
    void atHome() {
        Locale.setDefault(locale);
    }

    @Test
    void numbersLookTheSameInEveryLocale() {
        assertThat(Numbers.percent(0.93516)).isEqualTo("93.52 %");
        assertThat(Numbers.count(1_234_567)).isEqualTo("1,234,567");
        assertThat(Numbers.format("%.1e of %,.1f", 1.23e-5, 1234.56)).isEqualTo("1.2e-05 of 1,234.6");
    }

    @Test
    void linesHaveNoSpacesAtTheirEnd() {
        Lines lines = new Lines();
        assertThat(lines.isEmpty()).isTrue();
        lines.add("%-6s %6s", "a", "");
        lines.add("");
        lines.add("%n%.1f %%", 1.25);
        assertThat(lines.isEmpty()).isFalse();
        assertThat(lines).hasToString("a\n\n\n1.3 %\n");
    }

    @Test
    void aValueStaysInItsLine() {
        Lines lines = new Lines();
        lines.add("%s: %d", "a\nb\u001b[31m", 1);
        assertThat(lines).hasToString("a\\nb\\u001b[31m: 1\n");
    }

    @Test
    void columnsAreAsWideAsTheirWidestCell() {
        Lines lines = new Lines();
        lines.table(
                "%s %-1s  %6s %s",
                List.of(
                        List.of("-", "name", "images", "note"),
                        List.of("-", "coat", 12, "x"),
                        List.of("-", "a\tb", "12,345,678", "")));
        assertThat(lines).hasToString("""
                - name      images note
                - coat          12 x
                - a\\tb  12,345,678
                """);
    }
}
