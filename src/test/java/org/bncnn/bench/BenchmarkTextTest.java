package org.bncnn.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.bncnn.bench.BenchmarkPlan.Timing;
import org.bncnn.bench.BenchmarkResult.Omission;
import org.bncnn.bench.BenchmarkResult.Setting;
import org.bncnn.bench.BenchmarkResult.WorkloadResult;
import org.bncnn.bench.RunResult.Id;
import org.bncnn.bench.RunResult.Iteration;
import org.bncnn.bench.Workload.Task;
import org.bncnn.model.Norm;
import org.junit.jupiter.api.Test;

class BenchmarkTextTest {
    private static final Workload TRAIN = new Workload(Task.TRAIN, 64, 1, 28, 10, 1, 2);
    private static final Workload LATENCY = new Workload(Task.LATENCY, 1, 1, 28, 10, 1, 2);

    @Test
    void ratiosAreToTheOthersWithTheirOwnBatchNormalization() {
        WorkloadResult workload = new WorkloadResult(
                null,
                null,
                TRAIN,
                List.of(
                        result("dl4j", Norm.BUILTIN, TRAIN, 100, 110, 90),
                        result("dl4j", Norm.CUSTOM, TRAIN, 150),
                        result("pytorch", Norm.BUILTIN, TRAIN, 300)),
                List.of(new Omission(new Id("onnxruntime", Norm.BUILTIN), "ONNX", "does not train")));
        assertThat(text(workload)).startsWith("""
                Training, batches of 64: images/s
                norm           what ran                      median   slowest   fastest   × DL4J × PyTorch  peak MB
                builtin        dl4j                             100        90       110     1.00      0.33      123
                custom         dl4j                             150       150       150     1.50      0.50      123
                builtin        pytorch                          300       300       300     3.00      1.00      123
                - builtin, ONNX: does not train

                """);
    }

    @Test
    void latencyIsInMicrosecondsAndLessIsFaster() {
        WorkloadResult workload = new WorkloadResult(
                null,
                null,
                LATENCY,
                List.of(result("dl4j", Norm.NONE, LATENCY, 1000), result("dl4j-helpers", Norm.NONE, LATENCY, 4000)),
                List.of());
        assertThat(text(workload)).startsWith("""
                One image at a time: µs
                norm           what ran                         p50   fastest       p99   × DL4J × PyTorch  peak MB
                none           dl4j                           1,000     1,000     2,000     1.00         -      123
                none           dl4j-helpers                     250       250       500     4.00         -      123
                """);
    }

    @Test
    void pointsOfAnAxisShareATable() {
        assertThat(text(
                        new WorkloadResult("batch size", 1, TRAIN, List.of(), List.of()),
                        new WorkloadResult(
                                "batch size", 4, TRAIN, List.of(result("pytorch", Norm.BUILTIN, TRAIN, 5)), List.of())))
                .startsWith("""
                Training, growth of the batch size: images/s
                batch size     what ran                      median   slowest   fastest   × DL4J × PyTorch  peak MB
                4              pytorch                            5         5         5        -      1.00      123

                """);
    }

    @Test
    void whatIsMissingAndWhereItWasMeasuredIsSaid() {
        assertThat(text().lines())
                .contains(
                        "Not on the class path: pytorch. ./bncnn bench, in a checkout, brings them.",
                        "Stopped before the end: this is not all that was asked for.",
                        "CPU      a CPU, 8 cores; 2 threads each",
                        "command  bncnn bench --rounds 3 GOMP_SPINCOUNT=1000");
    }

    private static String text(WorkloadResult... workloads) {
        Setting setting = new Setting(
                "2026-11-23T10:00:00Z",
                List.of("bench", "--rounds", "3"),
                "0.1",
                "0123abc",
                "Fashion-MNIST",
                Map.of(),
                "17",
                "Linux",
                "a CPU",
                8,
                2,
                Map.of("GOMP_SPINCOUNT", "1000"));
        return BenchmarkText.render(
                new BenchmarkResult(setting, new Timing(3, 0.5), List.of("pytorch"), List.of(workloads), false));
    }

    private static RunResult result(String implementation, Norm norm, Workload workload, double... rates) {
        List<Iteration> iterations = Arrays.stream(rates)
                .mapToObj(rate -> new Iteration(1, rate, 1e6 / rate, 2e6 / rate))
                .toList();
        return RunResult.of(new Id(implementation, norm), implementation, "1.0", workload, iterations, 123_000_000);
    }
}
