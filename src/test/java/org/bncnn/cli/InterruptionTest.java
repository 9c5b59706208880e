package org.bncnn.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.bncnn.store.ModelFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Stops a real process in the middle of a training. */
@EnabledOnOs(OS.LINUX)
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class InterruptionTest {
    @TempDir
    private Path folder;

    static Stream<Arguments> signals() {
        return Stream.of(arguments("INT", 130), arguments("TERM", 143));
    }

    @ParameterizedTest
    @MethodSource("signals")
    void aSignalEndsTheTrainingAndTheModelIsSaved(String signal, int exitCode) throws Exception {
        Process training = start(command(0));
        assertEndsCleanly(
                training, exitCode, () -> new ProcessBuilder("kill", "-" + signal, training.pid() + "").start());
    }

    /** On a terminal the bar is drawn, by a library that may have its own mind about signals. */
    @Test
    void ctrlCOnATerminalDoesTheSame() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/script")));
        String quoted = command(80).map(word -> "'" + word + "'").collect(Collectors.joining(" "));
        Process terminal =
                start(Stream.of("script", "--quiet", "--flush", "--return", "--command", quoted, "/dev/null"));
        assertEndsCleanly(terminal, 130, () -> {
            terminal.getOutputStream().write('\3');
            terminal.getOutputStream().flush();
        });
    }

    private interface Stop {
        void send() throws IOException;
    }

    private void assertEndsCleanly(Process process, int exitCode, Stop stop) throws Exception {
        try (BufferedReader out = process.inputReader()) {
            assertThat(out.lines().anyMatch(line -> line.contains("epoch[1 of 1000]")))
                    .isTrue();
            stop.send();
            assertThat(out.lines().anyMatch(line -> line.contains("Run folder: " + run())))
                    .isTrue();
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("it ends").isTrue();
            assertThat(process.exitValue()).isEqualTo(exitCode);
        } finally {
            process.destroyForcibly();
        }
        assertThat(ModelFile.load(run().resolve("model.zip")).network().getIterationCount())
                .isPositive();
        assertThat(run().toFile().list())
                .containsExactlyInAnyOrder(
                        "model.zip",
                        "metrics.jsonl",
                        "provenance.json",
                        "evaluation.json",
                        "training.json",
                        "checkpoints");
    }

    private Path run() {
        return folder.resolve("run");
    }

    private Stream<String> command(int columns) {
        return Stream.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Dbncnn.columns=" + columns,
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
                run().toString());
    }

    /** A shell that starts us in the background makes its children ignore Ctrl-C, so that is undone first. */
    private static Process start(Stream<String> command) throws IOException {
        return new ProcessBuilder(Stream.concat(Stream.of("env", "--default-signal=INT"), command)
                        .toList())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }
}
