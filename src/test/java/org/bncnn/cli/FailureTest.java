package org.bncnn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.assertj.core.api.AbstractStringAssert;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.bncnn.store.ModelFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What ends a command beside bad input: memory, libraries, standard output. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class FailureTest {
    @TempDir
    private Path folder;

    @Test
    void errorsAreExplainedWithWhatToDo() {
        assertThat(Failure.of(new OutOfMemoryError("Java heap space")).line())
                .startsWith("out of memory (Java heap space): Java may take ")
                .contains("-Xmx");
        assertThat(Failure.of(new ExecutionException(new OutOfMemoryError("Physical memory usage is too high")))
                        .line())
                .startsWith("out of memory (Physical memory usage is too high)");
        assertThat(Failure.of(new StackOverflowError()).line()).contains("-Xss");
        LinkageError unpacking = new ExceptionInInitializerError(
                new RuntimeException(new UnsatisfiedLinkError("no jnind4jcpu in java.library.path")));
        assertThat(Failure.of(unpacking).line())
                .startsWith("a native library cannot be loaded (no jnind4jcpu in java.library.path)")
                .contains("-Dorg.bytedeco.javacpp.cachedir=DIR");
        assertThat(Failure.of(new NoClassDefFoundError("Could not initialize class org.nd4j.linalg.factory.Nd4j"))
                        .line())
                .startsWith("a native library cannot be loaded");
        assertThat(Failure.of(new FileNotFoundException("x")).line()).isEqualTo("x");
    }

    @Test
    void aFaultOfTheProgramIsCalledThat() {
        for (Throwable fault : List.of(
                new NullPointerException("net"), new NoClassDefFoundError("org/acme/Gone"), new AssertionError("no"))) {
            Failure failure = Failure.of(fault);
            assertThat(failure.line()).isEqualTo("internal error: " + fault);
            assertThat(failure.expected()).isFalse();
        }
        Throwable circle = new RuntimeException();
        circle.initCause(new RuntimeException(circle));
        assertThat(Failure.of(circle).expected()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"explain", "--help", "--version", "data --data sample"})
    void standardOutputThatCannotBeWrittenIsAFailure(String call) {
        assertThat(withOutputThatFails("No space left on device", call.split(" ")))
                .isEqualTo(1);
        assertThat(withOutputThatFails("Broken pipe", call.split(" "))).isEqualTo(141);
    }

    @Test
    void aTrainingThatNobodyReadsIsSaved() throws IOException {
        Path run = folder.resolve("run");
        assertThat(withOutputThatFails(
                        "Broken pipe", "train", "--data", "sample", "--epochs", "1", "--out", run.toString()))
                .isEqualTo(141);
        assertThat(ModelFile.load(run.resolve("model.zip"))).isNotNull();
    }

    private static int withOutputThatFails(String why, String... call) {
        OutputStream failing = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException(why);
            }
        };
        return Main.run(failing, call);
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void tooLittleMemoryIsSaidInOneLine() throws Exception {
        assertThatProcess(List.of("-Xmx20m"), Main.class, "train", "--data", "sample", "--epochs", "1", "--out", run())
                .startsWith("bncnn: out of memory (");
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void aFolderThatNothingCanBeUnpackedIntoIsSaidInOneLine() throws Exception {
        assertThatProcess(
                        List.of("-Duser.home=/dev/null/none", "-Djava.io.tmpdir=/dev/null/none"), Main.class, "explain")
                .startsWith("bncnn: a native library cannot be loaded (");
    }

    @Test
    void anErrorInAnotherThreadEndsTheTrainingAndTheModelIsSaved() throws Exception {
        assertThatProcess(
                        List.of(),
                        ErrorInAnotherThread.class,
                        "train",
                        "--data",
                        "sample",
                        "--epochs",
                        "1000",
                        "--out",
                        run())
                .startsWith("bncnn: the stack is too small")
                .endsWith("(thread another)");
        assertThat(ModelFile.load(Path.of(run(), "model.zip"))).isNotNull();
    }

    /** Calls the program, in which another thread fails once a training has begun. */
    static final class ErrorInAnotherThread {
        public static void main(String[] args) {
            Path metrics = Path.of(args[args.length - 1], "metrics.jsonl");
            Thread another = new Thread(
                    () -> {
                        while (!Files.exists(metrics)) {
                            Thread.onSpinWait();
                        }
                        throw new StackOverflowError();
                    },
                    "another");
            another.start();
            Main.main(args);
        }
    }

    private String run() {
        return folder.resolve("run").toString();
    }

    /** {@return the first line that a process of its own has for a failure, after it failed with exit code 1} */
    private static AbstractStringAssert<?> assertThatProcess(List<String> options, Class<?> main, String... call)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(System.getProperty("java.home") + "/bin/java"));
        command.addAll(options);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(List.of(call));
        Process process = new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (BufferedReader err = process.errorReader(StandardCharsets.UTF_8)) {
            List<String> lines =
                    err.lines().filter(line -> line.startsWith("bncnn: ")).toList();
            assertThat(process.waitFor()).isEqualTo(1);
            return assertThat(lines).first(InstanceOfAssertFactories.STRING);
        } finally {
            process.destroyForcibly();
        }
    }
}
