package org.bncnn.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.bncnn.bench.BenchmarkResult.Omission;
import org.bncnn.bench.BenchmarkWorker.Assignment;
import org.bncnn.bench.BenchmarkWorker.Reply;
import org.bncnn.bench.RunResult.Id;
import org.bncnn.bench.Workload.Task;
import org.bncnn.data.DatasetLocator;
import org.bncnn.model.Norm;
import org.bncnn.store.JsonFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.factory.Nd4j;

class BenchmarkWorkerTest {
    private static final int THREADS = Nd4j.getEnvironment().maxThreads();

    @TempDir
    private Path folder;

    @ParameterizedTest
    @EnumSource(Task.class)
    void itSaysWhenItIsReadyAndAnswersEachIteration(Task task) throws IOException {
        List<Reply> replies = serve(new Id("dl4j", Norm.CUSTOM), workload(task, 4), "0", "0.01");
        assertThat(replies)
                .hasSize(3)
                .allSatisfy(reply -> assertThat(reply.failure()).isNull());
        assertThat(replies.get(0).version()).startsWith("Deeplearning4j 1");
        assertThat(replies.get(1).iteration().calls()).isEqualTo(1);
        assertThat(replies.get(2).iteration().imagesPerSecond()).isPositive();
        assertThat(replies.get(2).peakBytes()).isNotZero();
    }

    /** What makes the comparison one of the same arithmetic. */
    @ParameterizedTest
    @EnumSource(Task.class)
    void normsThatComputeTheSameHaveTheSameFirstResults(Task task) throws IOException {
        List<Double> builtin = probe("dl4j", Norm.BUILTIN, task);
        List<Double> custom = probe("dl4j", Norm.CUSTOM, task);
        List<Double> none = probe("dl4j", Norm.NONE, task);
        assertThat(builtin).hasSize(task == Task.TRAIN ? 20 : 200).hasSameSizeAs(custom);
        for (int i = 0; i < builtin.size(); i++) {
            assertThat(custom.get(i)).isCloseTo(builtin.get(i), within(1e-4));
        }
        assertThat(none.get(0)).isNotCloseTo(builtin.get(0), within(1e-4));
    }

    @Test
    void itSaysWhyItCannot() throws IOException {
        assertThat(serve(new Id("caffe", Norm.NONE), workload(Task.TRAIN, 4)))
                .extracting(Reply::failure)
                .containsExactly("caffe is not on the class path");
        assertThat(serve(new Id("dl4j", Norm.NONE), new Workload(Task.TRAIN, 4, 1, 28, 10, 1, THREADS + 1)))
                .extracting(Reply::failure)
                .containsExactly("it uses " + THREADS + " threads, not " + (THREADS + 1));
        assertThat(serve(new Id("dl4j", Norm.NONE), workload(Task.TRAIN, 4), "soon"))
                .extracting(Reply::failure)
                .last()
                .asString()
                .contains("NumberFormatException");
    }

    @Test
    void aProcessThatEndsIsNotWaitedFor() throws IOException {
        try (Run run = new Run(Dl4j.ALL.get(0), Norm.NONE, workload(Task.TRAIN, 4))) {
            run.start(List.of("--version"), folder);
            assertThat(run.omission())
                    .contains(new Omission(
                            new Id("dl4j", Norm.NONE), "DL4J without helpers", "its process ended with exit code 0"));
        }
    }

    private List<Double> probe(String implementation, Norm norm, Task task) throws IOException {
        return serve(new Id(implementation, norm), workload(task, 8)).get(0).probe();
    }

    private static Workload workload(Task task, int batchSize) {
        return new Workload(task, task == Task.LATENCY ? 1 : batchSize, 1, 28, 10, 1, THREADS);
    }

    private List<Reply> serve(Id id, Workload workload, String... seconds) throws IOException {
        Path batches = folder.resolve("batches");
        new BatchFile(batches, workload).write(DatasetLocator.sample().train());
        String input =
                JsonFile.line(new Assignment(id, workload, batches.toString())) + "\n" + String.join("\n", seconds);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        BenchmarkWorker.serve(
                new BufferedReader(new StringReader(input)), new PrintStream(out, true, StandardCharsets.UTF_8));
        List<Reply> replies = new ArrayList<>();
        for (String line : out.toString(StandardCharsets.UTF_8).lines().toList()) {
            replies.add(JsonFile.parse(line, Reply.class));
        }
        return replies;
    }
}
