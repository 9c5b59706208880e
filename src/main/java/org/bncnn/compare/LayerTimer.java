package org.bncnn.compare;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.math3.stat.descriptive.rank.Median;
import org.bncnn.backend.Backend;
import org.bncnn.compare.Comparison.LayerSpeed;
import org.bncnn.model.Norm;
import org.bncnn.norm.LoneLayer;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The times of one implementation of the layer alone, on random input. Implementations take turns, in rounds. */
final class LayerTimer implements AutoCloseable {
    /** Medians are taken over them. */
    private static final int ROUNDS = 9;

    /** The first rounds do not count: HotSpot compiles, and workspaces find their size. */
    private static final int WARM_UP_ROUNDS = 3;

    private static final long ROUND_NANOS = 100_000_000;

    private final LoneLayer layer;
    private final double[] forwardMicros = new double[ROUNDS];
    private final double[] backwardMicros = new double[ROUNDS];
    private long bytes;

    private LayerTimer(LoneLayer layer) {
        this.layer = layer;
    }

    /** {@return the speeds for inputs of a shape whose second axis is the channels'} */
    static List<LayerSpeed> time(long... shape) {
        INDArray x = Nd4j.randn(DataType.FLOAT, shape);
        INDArray epsilon = Nd4j.randn(DataType.FLOAT, shape);
        long channels = shape[1];
        Map<String, LayerTimer> timers = new LinkedHashMap<>();
        timers.put("built-in layer as DL4J ships it", Backend.withoutOneDnn(() -> of(Norm.BUILTIN, channels)));
        if (Backend.usesOneDnn()) {
            timers.put("built-in layer with oneDNN helpers", of(Norm.BUILTIN, channels));
        }
        timers.put(LayerSpeed.CUSTOM, of(Norm.CUSTOM, channels));
        for (int round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
            for (LayerTimer timer : timers.values()) {
                timer.run(x, epsilon, round);
            }
        }
        timers.values().forEach(LayerTimer::close);
        return timers.entrySet().stream()
                .map(timer -> timer.getValue().speed(timer.getKey(), x))
                .toList();
    }

    private static LayerTimer of(Norm norm, long channels) {
        FeedForwardLayer layer = (FeedForwardLayer) norm.layer("bn").orElseThrow();
        layer.setNIn(channels);
        layer.setNOut(channels);
        return new LayerTimer(new LoneLayer(layer, DataType.FLOAT));
    }

    /** Works for a round's time; a negative round does not count. */
    private void run(INDArray x, INDArray epsilon, int round) {
        long end = System.nanoTime() + ROUND_NANOS;
        long[] nanos = new long[2];
        int passes = 0;
        do {
            layer.inWorkspace(() -> {
                long start = System.nanoTime();
                layer.forward(x);
                long between = System.nanoTime();
                layer.backward(epsilon);
                nanos[0] += between - start;
                nanos[1] += System.nanoTime() - between;
                bytes = layer.bytesInWorkspace();
                return null;
            });
            passes++;
        } while (System.nanoTime() < end);
        if (round >= 0) {
            forwardMicros[round] = nanos[0] / 1e3 / passes;
            backwardMicros[round] = nanos[1] / 1e3 / passes;
        }
    }

    private LayerSpeed speed(String implementation, INDArray x) {
        Median median = new Median();
        return new LayerSpeed(
                Arrays.stream(x.shape()).boxed().toList(),
                implementation,
                median.evaluate(forwardMicros),
                median.evaluate(backwardMicros),
                (double) bytes / (x.length() * Float.BYTES));
    }

    @Override
    public void close() {
        layer.close();
    }
}
