package org.bncnn.norm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.deeplearning4j.datasets.iterator.ExistingDataSetIterator;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.optimize.listeners.ScoreIterationListener;
import org.deeplearning4j.parallelism.ParallelInference;
import org.deeplearning4j.parallelism.ParallelWrapper;
import org.deeplearning4j.parallelism.inference.InferenceMode;
import org.deeplearning4j.parallelism.trainer.Trainer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.learning.config.Sgd;

/** Many threads at one network, and DL4J's replicas of a network in as many threads. */
class BatchNormParallelTest {
    private static final int THREADS = 4;
    private static final int CALLS = 40;

    /** Float roundings where a batch is put together with others. */
    private static final double FLOAT_TOLERANCE = 1e-5;

    private final MultiLayerNetwork network = trained();

    private static MultiLayerNetwork trained() {
        MultiLayerNetwork network = SmallCnn.network(new BatchNorm(), new Sgd(0.1));
        network.fit(SmallCnn.data(8, 1));
        return network;
    }

    @Test
    void manyThreadsGetWhatOneGets() throws Exception {
        assertAnswers(network::output);
    }

    @ParameterizedTest
    @EnumSource
    void parallelInferenceGivesWhatTheNetworkGives(InferenceMode mode) throws Exception {
        ParallelInference inference = new ParallelInference.Builder(network)
                .inferenceMode(mode)
                .workers(2)
                .build();
        try {
            assertAnswers(inference::output);
        } finally {
            inference.shutdown();
        }
    }

    /** Asks for the output on many batches from several threads, and holds it to that of the network in this thread. */
    private void assertAnswers(UnaryOperator<INDArray> output) throws Exception {
        List<INDArray> batches = IntStream.range(0, CALLS)
                .mapToObj(i -> SmallCnn.images(1 + i % 5, i))
                .toList();
        List<INDArray> expected = batches.stream().map(network::output).toList();
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            List<Future<INDArray>> actual = new ArrayList<>();
            for (INDArray batch : batches) {
                actual.add(threads.submit(() -> output.apply(batch)));
            }
            for (int i = 0; i < CALLS; i++) {
                assertClose(actual.get(i).get(), expected.get(i));
            }
        } finally {
            threads.shutdownNow();
        }
    }

    /**
     * One step on two batches in two replicas; afterwards all parameters, running statistics included, are the average
     * of the two.
     */
    @Test
    void parallelWrapperAveragesParametersAndRunningStatistics() {
        List<DataSet> batches = List.of(SmallCnn.data(8, 2), SmallCnn.data(8, 3));
        INDArray expected = network.params().mul(0);
        for (DataSet batch : batches) {
            MultiLayerNetwork alone = network.clone();
            alone.fit(batch);
            expected.addi(alone.params().div(batches.size()));
        }
        ParallelWrapper wrapper = new ParallelWrapper.Builder<>(network)
                .workers(batches.size())
                .averagingFrequency(1)
                .prefetchBuffer(0)
                .build();
        wrapper.setListeners(new ScoreIterationListener());
        wrapper.fit(new OnceReplicated(batches, wrapper));
        assertClose(network.params(), expected);
    }

    /**
     * Holds the batches back until the second worker has a replica, which is when it has listeners. The first one
     * trains the network itself, and might else do so before the second has copied it.
     */
    private static final class OnceReplicated extends ExistingDataSetIterator {
        private static final long serialVersionUID = 1L;
        private final transient ParallelWrapper wrapper;

        OnceReplicated(List<DataSet> batches, ParallelWrapper wrapper) {
            super(batches);
            this.wrapper = wrapper;
        }

        @Override
        public DataSet next() {
            Trainer second = wrapper.getZoo()[1];
            MultiLayerNetwork replica;
            do {
                second.isRunning(); // throws if the worker failed
                Thread.yield();
                replica = (MultiLayerNetwork) second.getModel();
            } while (replica == wrapper.getModel() || replica.getListeners().isEmpty());
            return super.next();
        }
    }

    private static void assertClose(INDArray actual, INDArray expected) {
        assertThat(actual.ravel().toDoubleVector())
                .containsExactly(expected.ravel().toDoubleVector(), within(FLOAT_TOLERANCE));
    }
}
