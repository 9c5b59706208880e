package org.bncnn.export.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OrtException;
import org.bncnn.backend.Backend;
import org.bncnn.export.NotExportableException;
import org.bncnn.store.ModelFile;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Holds what ONNX Runtime computes to what DL4J's own code does, without its helpers. */
final class OnnxParity {
    /** Of float sums in another order, absolute and relative to the larger values. */
    private static final double TOLERANCE = 1e-5;

    private OnnxParity() {}

    /** A network by itself, run on several examples and on the first alone. */
    static void hold(MultiLayerNetwork network, INDArray input, OnnxOptions options)
            throws NotExportableException, OrtException {
        // A copy, because an activation in the first layer overwrites what it is given.
        INDArray expected = plain(network).output(input.dup());
        try (OnnxRun run = new OnnxRun(OnnxModel.of(new ModelFile(network, null, null), options))) {
            assertEqual(run.floats(input), expected);
            assertEqual(run.floats(first(input)), first(expected));
        }
    }

    static MultiLayerNetwork plain(MultiLayerNetwork network) {
        return Backend.withoutOneDnn(network::clone);
    }

    static INDArray first(INDArray batch) {
        long[] shape = batch.shape();
        shape[0] = 1;
        return batch.slice(0).reshape(shape);
    }

    static void assertEqual(INDArray actual, INDArray expected) {
        assertThat(actual.shape()).isEqualTo(expected.shape());
        double scale = Math.max(1, expected.amaxNumber().doubleValue());
        double difference = actual.sub(expected).amaxNumber().doubleValue();
        assertThat(difference).isLessThan(TOLERANCE * scale);
    }
}
