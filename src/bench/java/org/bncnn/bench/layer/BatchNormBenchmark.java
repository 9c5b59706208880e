package org.bncnn.bench.layer;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The time one batch-normalization layer takes in training, per step, in µs.
 *
 * <p>Each combination of parameters has JVMs of its own, because DL4J's helpers and the native libraries are chosen
 * once for a process. They end with it, so nothing is closed.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(value = 2, jvmArgsAppend = "-Xmx2g")
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 10, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public class BatchNormBenchmark {
    @Param({"64x16x24x24", "64x32x8x8"})
    public String shape;

    @Param({"dl4j", "dl4j-helpers", "bncnn", "pytorch"})
    public String implementation;

    private TimedLayer layer;

    private TimedLayer create(Batch batch) {
        return switch (implementation) {
            case "dl4j" -> Dl4jLayer.withoutHelpers(batch);
            case "dl4j-helpers" -> Dl4jLayer.withHelpers(batch);
            case "bncnn" -> Dl4jLayer.custom(batch);
            case "pytorch" -> new PyTorchLayer(batch);
            default -> throw new IllegalArgumentException("unknown implementation: " + implementation);
        };
    }

    @Setup
    public void prepare() {
        Batch batch = Batch.random(shape);
        layer = create(batch);
        int threads = Integer.parseInt(System.getenv("OMP_NUM_THREADS"));
        if (layer.threads() != threads) {
            throw new IllegalStateException(layer.threads() + " threads instead of " + threads);
        }
        Reference reference = new Reference(batch);
        reference.checkOutput(layer.output());
        reference.checkInputGradient(layer.inputGradient());
    }

    /**
     * DL4J's native memory is freed only when its Java objects are collected; a step on fresh memory takes up to three
     * times as long.
     */
    @Setup(Level.Iteration)
    public void collectGarbage() {
        System.gc();
    }

    @Benchmark
    public void forward() {
        layer.forward();
    }

    @Benchmark
    public void forwardBackward() {
        layer.forwardBackward();
    }
}
