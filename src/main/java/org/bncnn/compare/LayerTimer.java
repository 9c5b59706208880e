package org.bncnn.compare;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bncnn.backend.Backend;
import org.bncnn.norm.BatchNorm;
import org.bncnn.norm.LoneLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Times the layers alone, in turn, on random input of one shape. */
final class LayerTimer {
    /** Rounds, in each of which every implementation has its turn; medians are taken over them. */
    private static final int ROUNDS = 9;

    /** The first rounds are not counted: HotSpot compiles, and workspaces find their size. */
    private static final int WARM_UP_ROUNDS = 3;

    private static final long ROUND_NANOS = 100_000_000;

    private LayerTimer() {}

    /** {@return the speeds for inputs of a shape whose second axis is the channels'} */
    static List<LayerSpeed> time(long... shape) {
        INDArray x = Nd4j.randn(DataType.FLOAT, shape);
        INDArray epsilon = Nd4j.randn(DataType.FLOAT, shape);
        List<Candidate> candidates = new ArrayList<>();
        candidates.add(
                new Candidate("built-in layer as DL4J ships it", Backend.withoutOneDnn(() -> builtin(shape[1]))));
        if (Backend.usesOneDnn()) {
            candidates.add(new Candidate("built-in layer with oneDNN helpers", builtin(shape[1])));
        }
        candidates.add(new Candidate(
                LayerSpeed.CUSTOM,
                new LoneLayer(new BatchNorm.Builder().nOut(shape[1]).build(), DataType.FLOAT)));
        for (int round = 0; round < WARM_UP_ROUNDS + ROUNDS; round++) {
            for (Candidate candidate : candidates) {
                candidate.run(x, epsilon, round - WARM_UP_ROUNDS);
            }
        }
        return candidates.stream()
                .map(candidate -> {
                    try (candidate) {
                        return candidate.result(x);
                    }
                })
                .toList();
    }

    private static LoneLayer builtin(long channels) {
        return new LoneLayer(
                new BatchNormalization.Builder()
                        .nIn(channels)
                        .nOut(channels)
                        .useLogStd(false)
                        .build(),
                DataType.FLOAT);
    }

    private static final class Candidate implements AutoCloseable {
        private final String name;
        private final LoneLayer layer;
        private final double[] forward = new double[ROUNDS];
        private final double[] backward = new double[ROUNDS];
        private long bytes;

        Candidate(String name, LoneLayer layer) {
            this.name = name;
            this.layer = layer;
        }

        /** Works for a round's time; a negative round is not counted. */
        void run(INDArray x, INDArray epsilon, int round) {
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
                forward[round] = nanos[0] / 1e3 / passes;
                backward[round] = nanos[1] / 1e3 / passes;
            }
        }

        LayerSpeed result(INDArray x) {
            Arrays.sort(forward);
            Arrays.sort(backward);
            return new LayerSpeed(
                    Arrays.stream(x.shape()).boxed().toList(),
                    name,
                    forward[ROUNDS / 2],
                    backward[ROUNDS / 2],
                    (double) bytes / (x.length() * Float.BYTES));
        }

        @Override
        public void close() {
            layer.close();
        }
    }
}
