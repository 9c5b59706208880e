package org.bncnn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.bncnn.train.FolderLock;
import org.bncnn.train.RunFolder;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a training leaves, and to whom its folder belongs. */
class RunFolderTest {
    @TempDir
    private Path folder;

    private Path run;

    @BeforeEach
    void name() {
        run = folder.resolve("run");
    }

    @Test
    void aRunInUseIsLeftAloneButCanBeReported() throws IOException {
        assertThat(train().exitCode()).isZero();
        Files.delete(run.resolve("report.html"));
        String inUse = "bncnn: %s: is in use by process %d; wait until it ends, or name another folder%n"
                .formatted(run, ProcessHandle.current().pid());
        try (FolderLock lock = RunFolder.takeToResume(run)) {
            Called resumed = Called.of("train", "--resume", lock.folder().toString());
            assertThat(resumed.exitCode()).isEqualTo(1);
            assertThat(resumed.err()).isEqualTo(inUse);
            assertThat(Called.of("report", run.toString()).exitCode()).isZero();
        }
        assertThat(run.resolve("report.html")).isNotEmptyFile();
        assertThat(Called.of("train", "--resume", run.toString()).exitCode()).isZero();
    }

    @Test
    void aFolderThatIsBeingFilledIsLeftAlone() throws IOException {
        try (FolderLock lock = FolderLock.takeNew(run)) {
            for (String[] command : new String[][] {
                {"train", "--data", "sample"},
                {"compare", "--data", "sample"},
                {"compare", "--experiment", "init", "--data", "sample"},
                {"data", "--shard", "2", "--data", "sample"}
            }) {
                Called called = Called.of(with(command, "--out", lock.folder().toString()));
                assertThat(called.exitCode()).isEqualTo(1);
                assertThat(called.err()).contains("bncnn: " + run + ": is in use by process ");
            }
            assertThat(run.toFile().list()).containsExactly(".lock");
        }
    }

    @Test
    void whereTheJsonCannotBeWrittenThePageIs() {
        Path json = folder.resolve("too-long".repeat(40)); // which only shows when it is written
        Called called = train("--json", json.toString());
        assertThat(called.exitCode()).isEqualTo(1);
        assertThat(called.err()).contains(json.getFileName().toString()).doesNotContain("internal error");
        assertThat(run.resolve("model.zip")).isNotEmptyFile();
        assertThat(run.resolve("evaluation.json")).isNotEmptyFile();
        assertThat(run.resolve("report.html")).isNotEmptyFile();
    }

    private Called train(String... more) {
        String[] command = {"train", "--data", "sample", "--epochs", "1", "--out", run.toString()};
        return Called.of(with(command, more));
    }

    private static String[] with(String[] command, String... more) {
        return Stream.concat(Arrays.stream(command), Arrays.stream(more)).toArray(String[]::new);
    }
}
