package org.bncnn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportCommandTest {
    @TempDir
    private Path folder;

    @Test
    void makesThePageThatTrainingMade() throws IOException {
        Path run = train();
        Path page = run.resolve("report.html");
        String trained = Files.readString(page);
        Files.delete(page);
        Called called = Called.of("report", run.toString());
        assertThat(called.exitCode()).isZero();
        assertThat(called.out()).isEqualTo("Report: " + page + System.lineSeparator());
        assertThat(Files.readString(page)).isEqualTo(trained);
    }

    @Test
    void showsWhatThereIsOfATrainingThatWasKilled() throws IOException {
        Path run = train();
        for (String missing : new String[] {"model.zip", "evaluation.json", "report.html"}) {
            Files.delete(run.resolve(missing));
        }
        Path page = folder.resolve("page.html");
        assertThat(Called.of("report", run.toString(), "--out", page.toString()).exitCode())
                .isZero();
        assertThat(page).content().contains("<canvas id=\"accuracy\"").doesNotContain("data:image/png");
        Called withImages = Called.of("report", run.toString(), "--data", "sample");
        assertThat(withImages.exitCode()).isEqualTo(2);
        assertThat(withImages.err())
                .startsWith("bncnn: --data has no effect on a run without a model, whose mistakes it would show");
        assertThat(run.resolve("report.html")).doesNotExist();
    }

    @Test
    void otherImagesThanThoseOfTheRunAreNotShown() throws IOException {
        Path run = train();
        Files.writeString(
                run.resolve("provenance.json"),
                Files.readString(run.resolve("provenance.json")).replaceAll("\"[0-9a-f]{64}\"", "\"other\""));
        Called called = Called.of("report", run.toString());
        assertThat(called.exitCode()).isZero();
        assertThat(called.err()).contains("the images of the run are not there, so that the page shows no mistakes");
        assertThat(run.resolve("report.html")).content().doesNotContain("The surest mistakes");
        assertThat(Called.of("report", run.toString(), "--data", "sample").err())
                .contains("--data does not name the images of the run, so the page shows no mistakes");
    }

    @Test
    void aFolderThatIsNoRunIsSaidToBe() {
        Called called = Called.of("report", folder.toString());
        assertThat(called.exitCode()).isEqualTo(1);
        assertThat(called.err())
                .isEqualTo("bncnn: " + folder + ": holds no metrics.jsonl; name a run folder that bncnn train made"
                        + System.lineSeparator());
    }

    private Path train() {
        Path run = folder.resolve("run");
        assertThat(Called.of("train", "--data", "sample", "--epochs", "1", "--out", run.toString())
                        .exitCode())
                .isZero();
        return run;
    }
}
