package org.bncnn.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.bncnn.data.DatasetLocator;
import org.bncnn.data.ImageDataset;
import org.bncnn.engine.Engine;
import org.bncnn.eval.EvaluationResult;
import org.bncnn.eval.EvaluationResult.ClassResult;
import org.bncnn.eval.Mistake;
import org.bncnn.model.Norm;
import org.bncnn.model.Recipe;
import org.bncnn.train.EpochResult;
import org.bncnn.train.Provenance;
import org.bncnn.train.TrainingResult;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.factory.Nd4j;

class TrainingPageTest {
    private static final String HOSTILE = "</script><script>alert(1)</script>\"><img src=x onerror=alert(1)>";
    private static final EvaluationResult MEASURED = new EvaluationResult(
            30,
            0.9,
            0.25,
            List.of(new ClassResult(HOSTILE, 20, 1, 0.85, 0.9189), new ClassResult("bag", 10, 0.7692, 1, 0.8696)),
            List.of(List.of(17, 3), List.of(0, 10)));

    @TempDir
    private Path folder;

    @Test
    void showsEverythingThatWasMeasured() throws IOException {
        String page = write(new TrainingResult(
                true,
                List.of(new EpochResult(1, 1.5, 0.5, 1.25, 2, 1000), new EpochResult(2, 0.75, 0.9, 0.25, 2, 2000)),
                MEASURED));
        assertThat(page)
                .contains(
                        "<h1>Training with norm custom: 90.00 %</h1>",
                        "<td>0.7500</td><td>0.2500</td><td>90.00 %</td>",
                        "<td style=\"--share: 85\" class=\"right\">17</td><td style=\"--share: 15\">3</td>",
                        "\"values\":[50.0,90.0]",
                        "bag, taken for shoe (75 %; bag 20 %)")
                .doesNotContain("{{", "It was stopped");
        assertThat(page.split("data:image/png;base64,iVBOR", -1)).hasSize(1 + 1 + 16);
    }

    @Test
    void namesThatAreMarkupAreEscaped() throws IOException {
        assertThat(write(new TrainingResult(false, List.of(), MEASURED)))
                .doesNotContain(HOSTILE, "<img src=x", "alert(1)</script>")
                .contains("&lt;/script&gt;", "It was stopped before its last epoch was over.");
    }

    private String write(TrainingResult result) throws IOException {
        ImageDataset data = DatasetLocator.sample();
        Path file = folder.resolve("report.html");
        TrainingPage.write(
                file,
                result,
                Provenance.now(List.of(Norm.CUSTOM), Engine.ONEDNN, Recipe.REFERENCE, data),
                List.of(new Mistake(3, "bag", "shoe", 0.75, 0.2)),
                data.test(),
                Nd4j.rand(16, 1, 5, 5));
        return Files.readString(file);
    }
}
