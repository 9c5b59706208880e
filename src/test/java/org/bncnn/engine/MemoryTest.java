package org.bncnn.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bncnn.norm.BatchNorm;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.learning.config.Sgd;

/** The process does not grow. It is the resident size that tells, since oneDNN's memory is not the JVM's. */
@EnabledOnOs(OS.LINUX)
class MemoryTest {
    private static final Pattern MAPPING = Pattern.compile("(\\p{XDigit}+)-\\p{XDigit}+ ");
    private static final long LOW_ADDRESSES = 1L << 40;

    /** What the JVM itself and the allocator's arenas may take meanwhile. */
    private static final long HEADROOM = 32L << 20;

    private static final int COMPILATIONS = 1_000;
    private static final int ITERATIONS = 10_000;

    private final OneDnnNetwork network = OneDnnNetwork.accelerate(Networks.random(Networks.classifier(
            InputType.convolutional(16, 16, 1),
            new ConvolutionLayer.Builder(3, 3).nOut(16).build(),
            new BatchNorm.Builder().activation(Activation.RELU).build(),
            new SubsamplingLayer.Builder().kernelSize(2, 2).build(),
            new DenseLayer.Builder().nOut(4).build())));

    /** A plan for 64 examples takes some 5 MB. */
    @Test
    void plansThatAreClosed() {
        network.explain(true, 1, 1, 16, 16);
        assertNoGrowth(COMPILATIONS, round -> compile(round % 2 == 0).close());
    }

    private Plan compile(boolean training) {
        try {
            return Compiler.compile(network, layer -> false, training, 64, 1, 16, 16);
        } catch (NotCompilableException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void plansThatAreReplaced() {
        assertNoGrowth(COMPILATIONS / 4, round -> compute(network, Networks.batch(40 + round % 20, 1, 16, 16)));
    }

    /** Closing a network collects garbage, which takes its time. */
    @Test
    void networksThatAreClosed() {
        assertNoGrowth(COMPILATIONS / 40, round -> {
            OneDnnNetwork copy = network.clone();
            for (int examples = 60; examples < 64; examples++) {
                copy.explain(true, examples, 1, 16, 16);
            }
            copy.close();
        });
    }

    @Test
    void iterations() {
        run(ITERATIONS, Networks.cnn(new Sgd(1e-3)));
    }

    /** DL4J's own layers are some ten times as slow. */
    @Test
    void iterationsWithIslands() {
        run(
                ITERATIONS / 10,
                Networks.classifier(
                        InputType.convolutional(6, 6, 1),
                        new ConvolutionLayer.Builder(3, 3).nOut(4).dropOut(0.9).build(),
                        new LocalResponseNormalization()));
    }

    private static void run(int iterations, MultiLayerConfiguration configuration) {
        OneDnnNetwork small = OneDnnNetwork.accelerate(Networks.random(configuration));
        List<DataSet> batches = List.of(Networks.cnnBatch(2), Networks.cnnBatch(3));
        assertNoGrowth(iterations, round -> {
            DataSet batch = batches.get(round % batches.size());
            compute(small, batch);
            small.params().subi(1e-6); // as an updater would, so that weights are prepared anew
            small.output(batch.getFeatures());
        });
    }

    private static void compute(OneDnnNetwork network, DataSet batch) {
        network.setInput(batch.getFeatures());
        network.setLabels(batch.getLabels());
        network.computeGradientAndScore();
    }

    private static void assertNoGrowth(int rounds, IntConsumer work) {
        int warmUp = rounds / 5;
        for (int round = 0; round < warmUp; round++) {
            work.accept(round);
        }
        long before = residentBytes();
        long after = Long.MAX_VALUE;
        for (int round = 0; round < rounds; round++) {
            work.accept(round);
            if (round >= rounds * 4 / 5 && round % (rounds / 25) == 0) {
                after = Math.min(
                        after, residentBytes()); // the least, because HotSpot's compilers take memory now and then
            }
        }
        assertThat(after - before).as("growth in bytes").isLessThan(HEADROOM);
    }

    /**
     * The resident size of all mappings but the Java heap, which HotSpot puts into low addresses as long as it has less
     * than 32 GB.
     */
    private static long residentBytes() {
        long kilobytes = 0;
        boolean outsideOfHeap = false;
        for (String line : read(Path.of("/proc/self/smaps"))) {
            Matcher mapping = MAPPING.matcher(line);
            if (mapping.lookingAt()) {
                outsideOfHeap = Long.parseUnsignedLong(mapping.group(1), 16) >= LOW_ADDRESSES;
            } else if (outsideOfHeap && line.startsWith("Rss:")) {
                kilobytes += Long.parseLong(line.replaceAll("\\D", ""));
            }
        }
        return kilobytes << 10;
    }

    private static List<String> read(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
