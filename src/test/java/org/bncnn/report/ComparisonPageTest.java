package org.bncnn.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.bncnn.compare.Comparison;
import org.bncnn.compare.Comparison.LayerParity;
import org.bncnn.compare.Comparison.LayerSpeed;
import org.bncnn.compare.Comparison.NormTraining;
import org.bncnn.compare.Comparison.Quantity;
import org.bncnn.compare.Comparison.RunningVariance;
import org.bncnn.model.Recipe;
import org.bncnn.store.UnwritableFileException;
import org.bncnn.train.EpochResult;
import org.bncnn.train.HeldOut;
import org.bncnn.train.Measurement;
import org.bncnn.train.Provenance;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ComparisonPageTest {
    private static final String HOSTILE = "1 < 2 & \"3\" </script><script>alert(1)</script><!-- <img src=x>";

    private static final NormTraining NONE = new NormTraining("none", List.of(), epochs(0.25, 0.5), true, 0.5);
    private static final NormTraining CUSTOM =
            new NormTraining("custom", List.of("bn1: org.example.Layer"), epochs(0.625, 0.75), true, 0.75);
    private static final List<LayerSpeed> SPEED = List.of(
            new LayerSpeed(List.of(64L, 16L), "built-in layer", 3000, 5000, 6),
            new LayerSpeed(List.of(64L, 16L), "custom layer", 500, 1500, 2));
    private static final List<LayerParity> PARITY = List.of(new LayerParity(
            "bn1",
            List.of(64L, 16L),
            List.of(new Quantity("output", 1.25e-6, 2.5e-7, 3.5e-7, 4.5e-8)),
            new RunningVariance(64, 64 / 63.0, 0.0091)));
    private static final Comparison WHOLE =
            new Comparison(provenance(), 20, PARITY, SPEED, List.of(NONE, CUSTOM), List.of("Same arithmetic."));

    @TempDir
    private Path folder;

    @Test
    void needsNothingButItself() throws IOException {
        String page = write(WHOLE);

        assertThat(page).startsWith("<!DOCTYPE html>").contains("<html lang=\"en\">", "Chart.js v4", "MIT");
        String markup = page.replaceAll("(?s)(<script[^>]*>).*?</script>", "$1");
        assertThat(markup).doesNotContain("<link", "@import", "url(", "src=", "href=");
        assertThat(page).doesNotContain("sourceMappingURL").doesNotContainPattern("\\bimport\\s*\\(");
    }

    @Test
    void keepsTheLicenceOfTheChartLibrary() throws IOException {
        assertThat(write(WHOLE))
                .contains("The above copyright notice and this permission notice shall be included in all copies");
    }

    @Test
    void showsEveryResult() throws IOException {
        assertThat(text(write(WHOLE)))
                .contains("Norms compared: none, custom", "Same arithmetic.")
                .contains("none 1 2.0000 2.2500 25.00 % 1.5 2,000", "custom 1 2.0000 2.2500 62.50 % 1.5 2,000")
                .contains("input 64×16 built-in layer 3,000 5,000 8,000 4.0 6.0 custom layer 500 1,500 2,000 1.0 2.0")
                .contains("bn1, input 64×16 output 1.3e-06 2.5e-07 3.5e-07 4.5e-08")
                .contains("meant to differ 9.1e-03 unbiased / biased = 64/63 = 1.01587")
                .contains("custom bn1: org.example.Layer")
                .contains("c0ffee", "Seed 7", "2 epochs, batches of 64", "train-images abc123", "JDK 17", "CPU a CPU")
                .contains("helpers on");
    }

    @Test
    void givesEachChartWhatItDrawsAndTheFindingInWords() throws IOException {
        String page = write(WHOLE);

        JsonNode charts = charts(page);
        assertThat(charts).hasSize(3);
        assertThat(charts.get(0).at("/series/1/label").asText()).isEqualTo("custom");
        assertThat(charts.get(0).at("/series/1/values").toString()).isEqualTo("[62.5,75.0]");
        assertThat(charts.get(1).at("/series/0/values").toString()).isEqualTo("[2.0,1.0]");
        assertThat(charts.get(2).at("/series/1/values").toString()).isEqualTo("[5000.0,1500.0]");
        assertThat(charts.get(2).at("/series/1/colours").toString()).isEqualTo("[\"builtin\",\"custom\"]");
        assertThat(page)
                .contains("aria-label=\"Test accuracy after each epoch. none: 25.00 % at epoch 1, 50.00 % at epoch 2;")
                .contains("aria-label=\"Median time of both passes for input 64×16. built-in layer: 8,000 µs;");
    }

    @Test
    void textCannotBecomeMarkup() throws IOException {
        NormTraining training = new NormTraining("custom", List.of(HOSTILE), epochs(0.5), true, 0.5);
        LayerSpeed speed = new LayerSpeed(List.of(64L, 16L), HOSTILE, 1, 2, 3);

        String page = write(
                new Comparison(provenance(), 1, PARITY, List.of(speed), List.of(training), List.of("ok", HOSTILE)));

        assertThat(page)
                .contains("<li>ok</li>")
                .contains("1 &lt; 2 &amp; &quot;3&quot; &lt;/script&gt;&lt;script&gt;alert(1)&lt;/script&gt;&lt;!-- ")
                .doesNotContain("alert(1)</script>", "<img", "<!--");
        assertThat(tags(page, "script")).isEqualTo(tags(write(WHOLE), "script"));
        assertThat(charts(page).get(2).at("/axes/labels/0").asText()).isEqualTo(HOSTILE);
    }

    @Test
    void leavesOutWhatThereIsNot() throws IOException {
        List<String> all = List.of(
                "verdict", "training-charts", "speed-charts", "training", "speed", "parity", "classes", "provenance");
        assertThat(sections(write(WHOLE))).isEqualTo(all);

        Comparison onlyNone = new Comparison(provenance(), 0, List.of(), List.of(), List.of(NONE), List.of("One."));
        assertThat(sections(write(onlyNone))).containsExactly("verdict", "training-charts", "training", "provenance");

        NormTraining begun = new NormTraining("custom", List.of(), List.of(), false, Double.NaN);
        Comparison stopped = new Comparison(provenance(), 0, List.of(), SPEED, List.of(begun), List.of());
        assertThat(sections(write(stopped))).containsExactly("speed-charts", "speed", "provenance");
    }

    @Test
    void tellsThatATrainingWasStopped() throws IOException {
        NormTraining stopped = new NormTraining("custom", List.of(), epochs(0.5), false, 0.5);
        Comparison comparison =
                new Comparison(provenance(), 0, List.of(), List.of(), List.of(NONE, stopped), List.of());

        assertThat(text(write(comparison)))
                .contains("custom, stopped before its last epoch 1")
                .doesNotContain("none, stopped");
    }

    @Test
    void numbersThatJsonLacksAreGaps() throws IOException {
        List<EpochResult> epochs = List.of(
                new EpochResult(
                        1,
                        Double.NaN,
                        new Measurement(HeldOut.TEST, 0.1, Double.POSITIVE_INFINITY),
                        1,
                        Double.POSITIVE_INFINITY),
                new EpochResult(2, 1.5, new Measurement(HeldOut.TEST, Double.NaN, 1), 1, 1));
        NormTraining diverged = new NormTraining("none", List.of(), epochs, true, Double.NaN);
        LayerSpeed speed = new LayerSpeed(List.of(1L), "built-in layer", Double.NaN, 2, Double.NaN);

        String page =
                write(new Comparison(provenance(), 0, List.of(), List.of(speed), List.of(diverged), List.of("Lost.")));

        JsonNode charts = charts(page);
        assertThat(charts.get(0).at("/series/0/values").toString()).isEqualTo("[10.0,null]");
        assertThat(charts.get(1).at("/series/0/values").toString()).isEqualTo("[null,1.5]");
        assertThat(charts.get(2).at("/series/0/values").toString()).isEqualTo("[null]");
        assertThat(text(page)).contains("1 NaN Infinity 10.00 % 1.0 Infinity");
    }

    @Test
    void isWrittenWholeOrNotAtAll() throws IOException {
        Path file = folder.resolve("comparison.html");
        Files.writeString(file, "before");
        write(WHOLE);
        assertThat(folder).isDirectoryContaining(file::equals);
        assertThat(file).content().endsWith("</html>\n");

        Path taken = Files.createDirectories(folder.resolve("taken/inside")).getParent();
        assertThatExceptionOfType(UnwritableFileException.class).isThrownBy(() -> ComparisonPage.write(taken, WHOLE));
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left).containsExactlyInAnyOrder(file, taken);
        }
    }

    @Test
    void aBrowserDrawsTheCharts() throws Exception {
        Optional<Path> chromium = onPath("chromium", "chromium-browser", "google-chrome");
        assumeTrue(chromium.isPresent(), "Chromium is not installed");
        write(WHOLE);
        Path errors = folder.resolve("browser.log");
        Path drawn = folder.resolve("drawn.html");
        List<String> command = new ArrayList<>(List.of(
                chromium.get().toString(),
                "--user-data-dir=" + folder.resolve("browser"),
                "--dump-dom",
                "--enable-logging=stderr"));
        command.addAll(List.of(
                ("--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
                                + " --disable-component-update --disable-sync --virtual-time-budget=3000 --v=0")
                        .split(" ")));
        command.add(folder.resolve("comparison.html").toUri().toString());
        Process process = new ProcessBuilder(command)
                .redirectError(errors.toFile())
                .redirectOutput(drawn.toFile())
                .start();
        try {
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly().waitFor();
        }

        // Chart.js gives a canvas that it draws upon a style.
        assertThat(Pattern.compile("<canvas[^>]* style=\"[^\"]*width")
                        .matcher(Files.readString(drawn))
                        .results())
                .hasSize(3);
        assertThat(errors).content().doesNotContain("CONSOLE");
    }

    private String write(Comparison comparison) throws IOException {
        Path file = folder.resolve("comparison.html");
        ComparisonPage.write(file, comparison);
        return Files.readString(file);
    }

    private static Optional<Path> onPath(String... names) {
        return Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .flatMap(path -> Stream.of(names).map(name -> Path.of(path, name)))
                .filter(Files::isExecutable)
                .findFirst();
    }

    private static JsonNode charts(String page) throws IOException {
        String before = "id=\"chart-data\">";
        int start = page.indexOf(before) + before.length();
        return new ObjectMapper().readTree(page.substring(start, page.indexOf("</script>", start)));
    }

    private static List<String> sections(String page) {
        return matches(page, "<section aria-labelledby=\"([^\"]*)\">\\s*<h2 id=\"\\1\">");
    }

    private static int tags(String page, String name) {
        return matches(page, "<(/?" + name + ")\\b").size();
    }

    private static List<String> matches(String page, String pattern) {
        return Pattern.compile(pattern)
                .matcher(page)
                .results()
                .map((MatchResult match) -> match.group(1))
                .toList();
    }

    /** What is to be read on the page, with single spaces. */
    private static String text(String page) {
        return page.replaceAll("(?s)<(script|style)\\b.*?</\\1>", " ")
                .replace("<wbr>", "")
                .replaceAll("<[^>]*>", " ")
                .replace("&#x3D;", "=")
                .replaceAll("\\s+", " ");
    }

    private static List<EpochResult> epochs(double... testAccuracies) {
        List<EpochResult> epochs = new ArrayList<>();
        for (double accuracy : testAccuracies) {
            int epoch = epochs.size() + 1;
            epochs.add(new EpochResult(
                    epoch, 3 - epoch, new Measurement(HeldOut.TEST, accuracy, 3.25 - epoch), 1.5, 2000));
        }
        return epochs;
    }

    private static Provenance provenance() {
        return new Provenance(
                "2026-01-02T03:04:05Z",
                "1.2.3",
                "c0ffee",
                "1.0.0",
                "none, custom",
                "onednn",
                Recipe.REFERENCE.withEpochs(2).withSeed(7),
                "Tiny",
                Map.of("train-images", "abc123"),
                "17",
                "an OS",
                "a CPU",
                2,
                true,
                "none");
    }
}
