package org.bncnn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Names of files and classes that would take over a terminal, forge a line or become markup. Every command runs on
 * them, and all that it prints and all pages that it writes are searched.
 */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "such files cannot be there")
class ForeignTextTest {
    /** What no line may begin with, since only a name has it. */
    private static final String FORGED = "FORGED";

    private static final List<String> CLASSES = List.of(
            "\u001b]0;title\u0007\u001b[2J\u001b[31mred",
            "line\n" + FORGED + ": 100 %",
            "return\r" + FORGED,
            "\u009b2Jc1",
            "\u202egnp.exe",
            "\u2028" + FORGED,
            "\u0085next",
            "<img src=x onerror=alert(1)>",
            "\"><script>alert(2)<\u2215script>",
            "| a | b | ![x](http:\u2215\u2215evil) [x](y) `z` *b*",
            "{{x}} {{{x}}} %s%n%d ${7*7}",
            "</title>".replace('/', '\u2215'),
            "-rf",
            "a".repeat(200));

    private static final String EVIL = "evil\n" + FORGED + "\u001b[31m<b>|`";

    @TempDir
    private static Path temporary;

    private static Path folder;
    private static Path data;
    private static Path run;
    private static Path model;
    private static Called training;

    @BeforeAll
    static void train() throws IOException {
        folder = Files.createDirectory(temporary.resolve(EVIL));
        data = folder.resolve("data");
        Random random = new Random(1);
        for (String name : CLASSES) {
            Path ofClass = Files.createDirectories(data.resolve(name));
            for (int i = 0; i < 6; i++) {
                BufferedImage image = new BufferedImage(16, 16, BufferedImage.TYPE_BYTE_GRAY);
                for (int p = 0; p < 256; p++) {
                    image.getRaster().setSample(p % 16, p / 16, 0, random.nextInt(256));
                }
                ImageIO.write(image, "png", ofClass.resolve(i + ".png").toFile());
            }
        }
        run = folder.resolve("run");
        model = run.resolve("model.zip");
        training = Called.of("train", "--data", data + "", "--epochs", "1", "--out", run + "");
    }

    @Test
    void trainingPrintsNothingOfTheKind() {
        assertThat(training.exitCode()).as(training.err()).isZero();
        assertHarmless(training);
    }

    @Test
    void theReportHasNoneOfIt() throws IOException {
        Called called = Called.of("report", run + "");
        assertThat(called.exitCode()).as(called.err()).isZero();
        assertHarmless(called);
        String page = Files.readString(run.resolve("report.html"));
        assertThat(page).contains("\\u202egnp.exe", "&lt;img src").doesNotContain("<img src=x", "<script>alert");
        assertOnlyLines(page);
    }

    @Test
    void theCardHasNoneOfIt() throws IOException {
        Path target = folder.resolve("it's\n```\n" + FORGED + ".zip");
        Called called = Called.of("export", model + "", "--card", "--out", target + "");
        assertThat(called.exitCode()).as(called.err()).isZero();
        assertHarmless(called);
        String card = Files.readString(folder.resolve("it's\n```\n" + FORGED + ".md"));
        assertOnlyLines(card);
        assertThat(card.lines())
                .noneMatch(line -> line.startsWith(FORGED))
                .filteredOn(line -> line.startsWith("```"))
                .containsExactly("```sh", "```");
        assertThat(card)
                .contains("--out 'it'\\''s\\n```\\nFORGED.zip'", "&lt;img src=x", "\\\\u202egnp.exe")
                .doesNotContain("<img", "<script", "<b>");
        Matcher table =
                Pattern.compile("\\n\\| class .*\\n\\|-.*\\n((\\|.*\\n)+)\\n").matcher(card);
        assertThat(table.find()).isTrue();
        assertThat(table.group(1).lines())
                .hasSize(CLASSES.size())
                .allSatisfy(row -> assertThat(row.split("(?<!\\\\)\\|", -1)).hasSize(7))
                .noneMatch(row ->
                        Pattern.compile("(?<!\\\\)[\\[\\]`*{}<>]").matcher(row).find());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "inspect MODEL",
                "evaluate MODEL --data DATA",
                "evaluate MODEL MODEL --data DATA",
                "predict MODEL IMAGE --top 14",
                "data --data DATA --verify",
                "data --data DATA --shard 2 --out FOLDER/shards",
                "export MODEL --onnx --out FOLDER/model.onnx",
                "export MODEL --state-dict --out FOLDER/weights.safetensors",
                "import FOLDER/../weights.safetensors --like MODEL --out FOLDER/imported.zip",
                "train --resume FOLDER/run",
            })
    void noOtherCommandPrintsAnyOfIt(String command) throws IOException {
        if (command.startsWith("import")) {
            Called.of("export", model + "", "--state-dict", "--out", temporary.resolve("weights.safetensors") + "");
        }
        Called called = call(command);
        assertThat(called.exitCode()).as(called.err()).isZero();
        assertHarmless(called);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "inspect NONE",
                "evaluate NONE --data DATA",
                "evaluate MODEL --data NONE",
                "evaluate MODEL --data sample",
                "predict NONE IMAGE",
                "predict MODEL NONE",
                "report NONE",
                "data --data NONE --verify",
                "export NONE --out FOLDER/none.zip",
                "export MODEL --out FOLDER",
                "import NONE --out FOLDER/none.zip",
                "train --data NONE",
                "train --data DATA --out FOLDER",
                "train --resume NONE",
                "train --epochs NONE",
                "NONE",
                "train --NONE",
            })
    void whatFailsSaysWhyInOneLine(String command) {
        Called called = call(command);
        assertThat(called.exitCode()).isNotZero();
        assertHarmless(called);
        String messages = command.startsWith("inspect") ? called.out() : called.err();
        assertThat(messages.lines())
                .filteredOn(line -> command.startsWith("inspect") || line.startsWith("bncnn: "))
                .hasSize(1);
    }

    private static Called call(String command) {
        Path image = data.resolve(CLASSES.get(1)).resolve("0.png");
        return Called.of(Stream.of(command.split(" "))
                .map(each -> each.replace("MODEL", model + "")
                        .replace("DATA", data + "")
                        .replace("IMAGE", image + "")
                        .replace("NONE", folder.resolve("none\n" + FORGED) + "")
                        .replace("FOLDER", folder + ""))
                .toArray(String[]::new));
    }

    private static void assertHarmless(Called called) {
        for (String text : List.of(called.out(), called.err())) {
            assertOnlyLines(text);
            assertThat(text.lines()).noneMatch(line -> line.startsWith(FORGED));
        }
    }

    /** Newlines apart, there is nothing that a terminal obeys and nothing that cannot be seen. */
    private static void assertOnlyLines(String text) {
        Matcher control =
                Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}\\p{Cs}&&[^\\n]]").matcher(text);
        assertThat(control.results()
                        .map(found -> String.format("U+%04X", found.group().codePointAt(0))))
                .as(text.length() > 10_000 ? "a page" : text)
                .isEmpty();
    }
}
