package org.bncnn.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.bncnn.store.ModelFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process that trains is killed, at moments it cannot know of, and the training ends as if nothing had happened. */
class KillTest {
    private static final int KILLS = 20;
    private static final int LONGEST_MILLISECONDS = 3500;
    private static final int KILLED = 128 + 9;

    @TempDir
    private Path folder;

    @Test
    void killedTwentyTimes() throws IOException, InterruptedException {
        Path whole = folder.resolve("whole");
        assertThat(start(whole).waitFor()).isZero();
        Path pieces = folder.resolve("pieces");
        Random random = new Random(1);
        int killed = 0;
        while (killed < KILLS) {
            Process process = start(pieces);
            if (!process.waitFor(random.nextInt(LONGEST_MILLISECONDS), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
            }
            int exitCode = process.waitFor();
            assertThat(exitCode).isIn(0, KILLED);
            killed += exitCode == KILLED ? 1 : 0;
        }
        assertThat(start(pieces).waitFor()).isZero();
        assertThat(ModelFile.load(pieces.resolve("model.zip"))
                        .network()
                        .params()
                        .toFloatVector())
                .containsExactly(ModelFile.load(whole.resolve("model.zip"))
                        .network()
                        .params()
                        .toFloatVector());
        assertThat(ResumeTest.metrics(new RunFolder(pieces))).isEqualTo(ResumeTest.metrics(new RunFolder(whole)));
        assertThat(names(pieces)).isEqualTo(names(whole));
    }

    /** Begins the training, or goes on with it if it was begun. */
    private static Process start(Path run) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                "org.bncnn.cli.Main",
                "train"));
        if (Files.exists(run.resolve("training.json"))) {
            command.addAll(List.of("--resume", run.toString()));
        } else {
            command.addAll(List.of(
                    "--data",
                    "sample",
                    "--norm",
                    "custom",
                    "--epochs",
                    "12",
                    "--checkpoint-every",
                    "5",
                    "--out",
                    run.toString()));
        }
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("OMP_NUM_THREADS", "1");
        return builder.redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static List<String> names(Path run) throws IOException {
        try (Stream<Path> files = Files.walk(run)) {
            return files.map(file -> run.relativize(file).toString()).sorted().toList();
        }
    }
}
