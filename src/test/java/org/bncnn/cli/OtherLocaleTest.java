package org.bncnn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Output where the machine's locale has digits, separators, case and years of its own. */
class OtherLocaleTest {
    private static final Pattern OTHER_DIGIT = Pattern.compile("[\\p{Nd}&&[^0-9]]");

    @TempDir
    private Path folder;

    private Locale before;

    @BeforeEach
    void remember() {
        before = Locale.getDefault();
    }

    @AfterEach
    void restore() {
        Locale.setDefault(before);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ar-EG-u-nu-arab", "tr-TR", "de-DE", "fa-IR-u-nu-arabext", "th-TH-u-ca-buddhist-nu-thai"})
    void commandsPrintTheSame(String locale) {
        for (String call : List.of(
                "evaluate models/reference-builtin.zip --data sample",
                "explain",
                "inspect models/reference-custom.zip",
                "data --data sample --verify",
                "train --schedule steep",
                "train --schedule one-cycle --norm BUILTIN --data none",
                "evaluate --help")) {
            Locale.setDefault(Locale.ROOT);
            Called expected = Called.of(call.split(" "));
            Locale.setDefault(Locale.forLanguageTag(locale));
            assertThat(Called.of(call.split(" "))).isEqualTo(expected);
        }
    }

    @Test
    void aTrainingWritesTheSameDigits() throws IOException {
        Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
        assertThat(String.format("%d", 1)).containsPattern(OTHER_DIGIT);
        Called training = Called.of(("train --data sample --epochs 1 --out " + folder.resolve("run")).split(" "));
        assertThat(training.exitCode()).isZero();
        assertThat(training.out() + training.err()).doesNotContainPattern(OTHER_DIGIT);
        try (Stream<Path> files = Files.walk(folder)) {
            assertThat(files.filter(Files::isRegularFile)).isNotEmpty().allSatisfy(file -> {
                assertThat(file.toString()).doesNotContainPattern(OTHER_DIGIT);
                if (!file.toString().endsWith(".zip")) {
                    assertThat(file).content().doesNotContainPattern(OTHER_DIGIT);
                }
            });
        }
    }
}
