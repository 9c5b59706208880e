package org.bncnn.text;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PrintableTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "T-shirt/top",
                "C:\\models\\new",
                "卷积 ü",
                "شلوار‌ها",
                "👩‍🚀",
                "{{7*7}} %s <b> | `x`",
            })
    void whatCanBeSeenStays(String text) {
        assertThat(Printable.line(text)).isSameAs(text);
        assertThat(Printable.lines(text)).isSameAs(text);
        assertThat(Printable.excerpt(text)).isSameAs(text);
    }

    @ParameterizedTest
    @CsvSource({
        "u001b, [31mred, \\u001b[31mred",
        "u0007, , \\u0007",
        "u000d, done, \\rdone",
        "u007f, , \\u007f",
        "u0085, , \\u0085",
        "u009b, 2J, \\u009b2J",
        "u2028, z, \\u2028z",
        "u2029, z, \\u2029z",
        "u202e, txt.exe, \\u202etxt.exe",
        "u2066, , \\u2066",
        "u200b, , \\u200b",
        "ufeff, , \\ufeff",
        "ud800, , \\ud800",
        "ue0041, , \\ue0041",
    })
    void whatCannotBeSeenIsShownByItsCode(String code, String rest, String shown) {
        String text = Character.toString(Integer.parseInt(code.substring(1), 16)) + (rest == null ? "" : rest);
        assertThat(Printable.line(text)).isEqualTo(shown);
        assertThat(Printable.lines(text)).isEqualTo(shown);
        assertThat(Printable.excerpt(text)).isEqualTo(shown);
    }

    @Test
    void aLineIsOneAndLinesAreSeveral() {
        assertThat(Printable.line("a\n\tb\r\n")).isEqualTo("a\\n\\tb\\r\\n");
        assertThat(Printable.lines("a\n\tb\r\n")).isEqualTo("a\n\tb\\r\n");
    }

    @Test
    void anExcerptHasTwoHundredCharacters() {
        assertThat(Printable.excerpt("😀".repeat(200))).isEqualTo("😀".repeat(200));
        assertThat(Printable.excerpt("😀".repeat(201))).isEqualTo("😀".repeat(200) + "…");
        assertThat(Printable.excerpt("\u001b".repeat(100_000))).isEqualTo("\\u001b".repeat(200) + "…");
    }
}
