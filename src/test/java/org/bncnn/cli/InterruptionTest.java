package org.bncnn.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.bncnn.store.ModelFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Stops a real process in the middle of a training. It has no folder for temporary files, so that nothing can need one
 * at the end.
 */
@EnabledOnOs(OS.LINUX)
@Timeout(value = 180, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class InterruptionTest {
    /** Of 500 batches each, so that there is time for a signal after the first one. */
    private static final int EPOCHS = 6;

    @TempDir
    private Path folder;

    private Process process;
    private BufferedReader out;

    static Stream<Arguments> signals() {
        return Stream.of(arguments("HUP", 129), arguments("INT", 130), arguments("TERM", 143));
    }

    @ParameterizedTest
    @MethodSource("signals")
    void aSignalEndsTheTrainingAndAllIsSaved(String signal, int exitCode) throws Exception {
        start(train(0));
        awaitLine("epoch[1 of " + EPOCHS + "]");
        kill(signal);
        assertThat(rest(exitCode))
                .endsWith("Run folder: " + run(), "To go on: bncnn train --resume " + run())
                .anyMatch(line -> line.startsWith("Accuracy on test set: "));
        List<String> errors = Files.readAllLines(errors());
        assertThat(errors).hasSize(3);
        assertThat(errors.get(0)).startsWith("a sample of Fashion-MNIST");
        assertThat(errors.get(1)).isEmpty();
        assertThat(errors.get(2)).startsWith("bncnn: stopping after this batch and saving …; a second");
        assertAllIsSaved();
    }

    /** On a terminal the bar is drawn, by a library that may have its own mind about signals. */
    @Test
    void ctrlCOnATerminalDoesTheSameAndTheTrainingGoesOn() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/script")));
        String quoted = train(80).map(word -> "'" + word + "'").collect(Collectors.joining(" "));
        start(Stream.of("script", "--quiet", "--flush", "--return", "--command", quoted, "/dev/null"));
        awaitLine("epoch[1 of " + EPOCHS + "]");
        process.getOutputStream().write('\3');
        process.getOutputStream().flush();
        assertThat(rest(130))
                .endsWith("To go on: bncnn train --resume " + run())
                .noneMatch(line -> line.contains("internal error"));
        assertAllIsSaved();
        assertThat(Called.of("train", "--resume", run().toString()).exitCode()).isZero();
        assertThat(ModelFile.load(run().resolve("model.zip")).network().getEpochCount())
                .isEqualTo(EPOCHS);
    }

    @Test
    void aSecondSignalEndsAProcessThatDoesNotEndByItself() throws Exception {
        start(java(0, Stubborn.class, Stream.empty()));
        awaitLine("begun");
        kill("INT");
        awaitLine("stop requested");
        kill("TERM");
        rest(143);
    }

    /** Is asked to stop and does not. */
    static final class Stubborn {
        public static void main(String[] args) throws InterruptedException {
            try (Interruption interruption = new Interruption()) {
                System.out.println("begun");
                while (!interruption.requested()) {
                    Thread.sleep(10);
                }
                System.out.println("stop requested");
                Thread.sleep(Long.MAX_VALUE);
            }
        }
    }

    private void awaitLine(String part) {
        assertThat(out.lines().anyMatch(line -> line.contains(part))).as(part).isTrue();
    }

    private void kill(String signal) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + signal, process.pid() + "").start().waitFor();
    }

    /** {@return the lines until the process has ended} */
    private List<String> rest(int exitCode) throws InterruptedException {
        List<String> lines = out.lines().toList();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("it ends").isTrue();
        assertThat(process.exitValue()).isEqualTo(exitCode);
        return lines;
    }

    private void assertAllIsSaved() throws IOException {
        assertThat(ModelFile.load(run().resolve("model.zip")).network().getIterationCount())
                .isPositive();
        assertThat(run().toFile().list())
                .containsExactlyInAnyOrder(
                        ".lock",
                        "model.zip",
                        "metrics.jsonl",
                        "provenance.json",
                        "evaluation.json",
                        "training.json",
                        "checkpoints",
                        "tensorboard",
                        "report.html");
        assertThat(run().resolve("report.html")).content().contains("The surest mistakes");
        assertThat(new ObjectMapper()
                        .readTree(folder.resolve("result.json").toFile())
                        .at("/result/completed")
                        .booleanValue())
                .isFalse();
    }

    private Path run() {
        return folder.resolve("run");
    }

    private Path errors() {
        return folder.resolve("err");
    }

    private Stream<String> train(int columns) {
        return java(
                columns,
                Main.class,
                Stream.of(
                        "train",
                        "--norm",
                        "none",
                        "--data",
                        "sample",
                        "--batch-size",
                        "4",
                        "--epochs",
                        EPOCHS + "",
                        "--out",
                        run().toString(),
                        "--json",
                        folder.resolve("result.json").toString(),
                        "--tensorboard",
                        "--ui=0"));
    }

    private Stream<String> java(int columns, Class<?> main, Stream<String> arguments) {
        return Stream.concat(
                Stream.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Djava.io.tmpdir=" + folder.resolve("none"),
                        "-Dbncnn.columns=" + columns,
                        "-cp",
                        System.getProperty("java.class.path"),
                        main.getName()),
                arguments);
    }

    /** A shell that starts us in the background makes its children ignore Ctrl-C, so that is undone first. */
    private void start(Stream<String> command) throws IOException {
        process = new ProcessBuilder(Stream.concat(Stream.of("env", "--default-signal=INT,HUP"), command)
                        .toList())
                .redirectError(Redirect.to(errors().toFile()))
                .start();
        out = process.inputReader();
    }

    @AfterEach
    void end() throws IOException {
        process.destroyForcibly();
        out.close();
    }
}
