package org.bncnn.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.bncnn.data.DatasetLocator;
import org.bncnn.engine.Engine;
import org.bncnn.eval.EvaluationResult;
import org.bncnn.eval.EvaluationResult.ClassResult;
import org.bncnn.model.Norm;
import org.bncnn.model.Recipe;
import org.bncnn.store.JsonFile;
import org.bncnn.store.ModelFile;
import org.bncnn.train.RunFolder;
import org.bncnn.train.Training;
import org.bncnn.train.TrainingObserver;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingPageTest {
    private static final String HOSTILE = "</script><script>alert(1)</script>\"><img src=x onerror=alert(1)>";

    @TempDir
    private Path folder;

    @Test
    void showsEverythingThatThereIs() throws IOException {
        RunFolder run = train(Norm.CUSTOM);
        ModelFile model = ModelFile.load(run.model());
        String page = write(run, model.network());
        String accuracy = String.format(
                Locale.ROOT, "%.2f %%", 100 * run.evaluation().orElseThrow().accuracy());
        assertThat(page)
                .contains(
                        "<h1>Training with norm custom: " + accuracy + "</h1>",
                        "<th scope=\"row\">Ankle boot</th>",
                        "\"labels\":[\"1:200\",\"2:200\"]")
                .doesNotContain("{{", "Training stopped before its last epoch.");
        assertThat(ids(page))
                .containsExactly(
                        "losses",
                        "accuracy",
                        "loss",
                        "speed",
                        "gradients",
                        "deviations",
                        "gamma",
                        "beta",
                        "mean",
                        "variance",
                        "histogram-bn1",
                        "histogram-bn2",
                        "histogram-bn3");
        assertThat(page.split("data:image/png;base64,iVBOR", -1)).hasSize(1 + 24 + 16);
    }

    @Test
    void aNetworkWithoutNormHasNoChartsOfIt() throws IOException {
        assertThat(ids(write(train(Norm.NONE), null)))
                .containsExactly("losses", "accuracy", "loss", "speed", "gradients", "deviations");
    }

    @Test
    void aTrainingThatWasKilledHasThePagesThatItsMetricsGive() throws IOException {
        RunFolder run = train(Norm.CUSTOM);
        Files.delete(run.path().resolve("evaluation.json"));
        Path metrics = run.path().resolve("metrics.jsonl");
        String all = Files.readString(metrics);
        int epochs = 0;
        for (int length = all.length(); length > 0; length -= all.length() / 7) {
            Files.writeString(metrics, all.substring(0, length));
            String page = write(run, null);
            assertThat(page).contains("<h1>Training with norm custom").doesNotContain("{{", "data:image/png");
            epochs += ids(page).contains("accuracy") ? 1 : 0;
        }
        assertThat(epochs).isBetween(1, 6);
    }

    @Test
    void aFolderWithoutMetricsOrProvenanceIsSaidToBe() throws IOException {
        RunFolder run = new RunFolder(Files.createDirectory(folder.resolve("empty")));
        assertThatThrownBy(() -> write(run, null))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessageContaining("holds no metrics.jsonl; name a run folder");
        Files.writeString(run.path().resolve("metrics.jsonl"), "");
        assertThatThrownBy(() -> write(run, null))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessageContaining("holds no provenance.json; name a run folder");
        assertThat(run.report()).doesNotExist();
    }

    @Test
    void namesThatAreMarkupAreEscaped() throws Exception {
        RunFolder run = train(Norm.CUSTOM);
        EvaluationResult hostile = new EvaluationResult(
                30,
                0.9,
                0.25,
                List.of(new ClassResult(HOSTILE, 20, 1, 0.85, 0.9189), new ClassResult("bag", 10, 0.7692, 1, 0.8696)),
                List.of(List.of(17, 3), List.of(0, 10)));
        JsonFile.write(run.path().resolve("evaluation.json"), hostile);
        Path metrics = run.path().resolve("metrics.jsonl");
        String script = JsonFile.line(HOSTILE);
        Files.writeString(
                metrics, Files.readString(metrics).replace("\"conv1\"", script).replace("\"bn1\"", script));
        Path provenance = run.path().resolve("provenance.json");
        Files.writeString(
                provenance, Files.readString(provenance).replace("\"train-images", script.replaceFirst("\"$", "")));
        String page = write(run, null);
        assertThat(page)
                .doesNotContain(HOSTILE, "<img src=x", "alert(1)</script>")
                .contains(
                        "&lt;/script&gt;",
                        "<td style=\"--share: 85\" class=\"right\">17</td><td style=\"--share: 15\">3</td>");
        assumeTrue(Chromium.program().isPresent(), "there is no Chromium");
        try (Chromium browser = new Chromium(Files.createDirectory(folder.resolve("browser")))) {
            browser.open(run.report().toUri());
            assertThat(browser.evaluate("document.querySelectorAll('script').length")
                            .asInt())
                    .isEqualTo(3);
            assertThat(browser.evaluate("Chart.getChart('gradients').data.datasets[0].label")
                            .asText())
                    .isEqualTo(HOSTILE);
            assertThat(browser.console()).isEmpty();
        }
    }

    private static List<String> ids(String page) {
        return Pattern.compile("<canvas id=\"([^\"]*)\"")
                .matcher(page)
                .results()
                .map(found -> found.group(1))
                .toList();
    }

    private RunFolder train(Norm norm) throws IOException {
        RunFolder run = new RunFolder(Files.createDirectory(folder.resolve("run")));
        new Training(
                        norm,
                        Recipe.REFERENCE.withEpochs(2).withBatchSize(8).withLearningRate(0.01),
                        DatasetLocator.sample(),
                        Engine.ONEDNN)
                .run(run, new TrainingObserver() {}, () -> false);
        return run;
    }

    private static String write(RunFolder run, MultiLayerNetwork network) throws IOException {
        TrainingPage.write(run.report(), run, network, DatasetLocator.sample().test());
        return Files.readString(run.report());
    }
}
