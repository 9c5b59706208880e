package org.bncnn.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.bncnn.norm.BatchNorm;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Any number of threads may ask for outputs at once. */
class ThreadsTest {
    private static final int THREADS = 8;
    private static final int CALLS = 40;

    @Test
    void outputs() throws Exception {
        MultiLayerNetwork dl4j = Networks.random(Networks.classifier(
                InputType.convolutional(6, 6, 2),
                new ConvolutionLayer.Builder(3, 3).nOut(5).build(),
                new BatchNorm.Builder().activation(Activation.RELU).build(),
                new LocalResponseNormalization()));
        OneDnnNetwork plan = OneDnnNetwork.accelerate(dl4j);
        List<Callable<Void>> work = new ArrayList<>();
        for (int thread = 0; thread < THREADS; thread++) {
            INDArray features = Networks.normal(thread, 1 + thread % 3, 2, 6, 6);
            INDArray expected = dl4j.output(features);
            work.add(() -> {
                for (int call = 0; call < CALLS; call++) {
                    Parity.assertClose("output", plan.output(features), expected, 0);
                }
                return null;
            });
        }
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            for (Future<Void> each : threads.invokeAll(work)) {
                each.get();
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(plan.explain(false, 2, 2, 6, 6)).hasSize(4);
    }
}
