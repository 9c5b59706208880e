package org.bncnn;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * No format, case or date follows the machine's locale. Sources are searched and not classes, because {@code src/spark}
 * and {@code src/bench} are not compiled together with the tests.
 */
class LocaleTest {
    private static final Pattern FOLLOWS_THE_LOCALE = Pattern.compile("""
            \\.formatted\\(
            |::(formatted|format|printf|toLowerCase|toUpperCase|ofPattern)\\b
            |(String\\.format|\\.printf|(out|err)\\.format|new\\ Formatter|new\\ Scanner)\\((?!\\s*Locale\\.ROOT)
            |\\.to(Lower|Upper)Case\\((?!Locale\\.ROOT)
            |ofPattern\\((?![^;]*Locale\\.ROOT)
            |ofLocalized|new\\ (SimpleDateFormat|DecimalFormat)|NumberFormat\\.get
            """, Pattern.COMMENTS);

    @Test
    void sourcesNameTheLocale() throws IOException {
        for (String sources : List.of("src/main/java", "src/spark/java", "src/bench/java")) {
            try (Stream<Path> files = Files.walk(Path.of(sources))) {
                assertThat(files.filter(file -> file.toString().endsWith(".java")))
                        .isNotEmpty()
                        .noneMatch(
                                file -> FOLLOWS_THE_LOCALE.matcher(read(file)).find());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"%d\".formatted(1)",
                "String.format(\"%d\", 1)",
                "String.format(\n                format, 1)",
                "System.err.printf(\"%d\", 1)",
                "map(String::toLowerCase)",
                "name().toUpperCase()",
                "DateTimeFormatter.ofPattern(\"yyyy\")"
            })
    void whatFollowsTheLocaleIsFound(String code) {
        assertThat(FOLLOWS_THE_LOCALE.matcher(code).find()).isTrue();
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
