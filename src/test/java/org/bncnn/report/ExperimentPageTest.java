package org.bncnn.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.bncnn.eval.LayerSignal;
import org.bncnn.experiment.Experiment;
import org.bncnn.experiment.ExperimentResult;
import org.bncnn.experiment.ExperimentResult.Trial;
import org.bncnn.model.Recipe;
import org.bncnn.train.Provenance;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExperimentPageTest {
    @TempDir
    private Path folder;

    /** "A point that is missing in the first chart is a network that diverged", as the page says. */
    @Test
    void aNetworkThatDivergedIsAGap() throws IOException {
        String page = write(List.of(
                trial("none", "×1", false, 2.25, 0.5),
                trial("none", "×100", true, null, null),
                trial("custom", "×1", false, 1.25, 0.75),
                trial("custom", "×100", false, 1.5, 0.625)));

        assertThat(page)
                .contains("\"label\":\"none\",\"colours\":[\"none\"],\"values\":[50.0,null]")
                .contains("\"label\":\"custom\",\"colours\":[\"custom\"],\"values\":[75.0,62.5]")
                .contains("none: 50.00 % at initial weights ×1, no number at initial weights ×100;")
                .contains("<td>2.00e+00</td><td>5.00e-01</td><td>1.0e-01</td><td>25 %</td><td>diverged</td><td></td>")
                .contains("<td>25 %</td><td>1.5000</td><td>62.50 %</td>")
                .contains("Each layer before training (initial weights: ×100)", "<td>−0.125</td><td>0.250</td>");
    }

    @Test
    void anExperimentThatWasStoppedAtOnceIsAPageToo() throws IOException {
        assertThat(write(List.of())).doesNotContain("{{", "<canvas").endsWith("</html>\n");
    }

    private String write(List<Trial> trials) throws IOException {
        Provenance provenance = new Provenance(
                "2026-01-02T03:04:05Z",
                "1.2.3",
                "c0ffee",
                "1.0.0",
                "none, custom",
                "onednn",
                Recipe.REFERENCE.withName("experiment").withEpochs(1).withSeed(7),
                "Tiny",
                Map.of(),
                "17",
                "an OS",
                "a CPU",
                2,
                true,
                "none");
        Path file = folder.resolve("init.html");
        Experiment init = Experiment.INIT;
        ExperimentPage.write(file, new ExperimentResult(init, init.question(), init.axis(), provenance, trials));
        return Files.readString(file);
    }

    private static Trial trial(String norm, String setting, boolean diverged, Double trainLoss, Double accuracy) {
        List<LayerSignal> layers =
                List.of(new LayerSignal("fc1", 2, -0.125, 0.25, 0.25), new LayerSignal("fc2", 0.5, 0.1, 0.25, 0));
        return new Trial(norm, setting, layers, List.of(0.1, 0.2), layers, diverged, trainLoss, accuracy);
    }
}
