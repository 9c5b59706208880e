package org.bncnn.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.bncnn.store.ModelFile;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Stops a real process in the middle of a training. */
@EnabledOnOs(OS.LINUX)
class InterruptionTest {
    @TempDir
    private Path folder;

    static Stream<Arguments> signals() {
        return Stream.of(arguments("INT", 130), arguments("TERM", 143));
    }

    @ParameterizedTest
    @MethodSource("signals")
    void aSignalEndsTheTrainingAndTheModelIsSaved(String signal, int exitCode) throws Exception {
        Path run = folder.resolve("run");
        Process training = start(run);
        try (BufferedReader out = training.inputReader()) {
            assertThat(out.readLine()).startsWith("epoch[1 of 1000]");
            send(signal, training);
            assertThat(training.waitFor(60, TimeUnit.SECONDS)).as("it ends").isTrue();
            assertThat(training.exitValue()).isEqualTo(exitCode);
            assertThat(out.lines()).anyMatch(line -> line.equals("Run folder: " + run));
        } finally {
            training.destroyForcibly();
        }
        assertThat(ModelFile.load(run.resolve("model.zip")).network().getIterationCount())
                .isPositive();
        assertThat(run.toFile().list())
                .containsExactlyInAnyOrder("model.zip", "metrics.jsonl", "provenance.json", "evaluation.json");
    }

    /** A shell that starts us in the background makes its children ignore Ctrl-C, so that is undone first. */
    private static Process start(Path run) throws IOException {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        return new ProcessBuilder(List.of(
                        "env",
                        "--default-signal=INT",
                        java,
                        "-cp",
                        System.getProperty("java.class.path"),
                        "org.bncnn.cli.Main",
                        "train",
                        "--norm",
                        "none",
                        "--data",
                        "sample",
                        "--epochs",
                        "1000",
                        "--out",
                        run.toString()))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    private static void send(String signal, Process process) throws Exception {
        assertThat(new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid()))
                        .start()
                        .waitFor())
                .isZero();
    }
}
