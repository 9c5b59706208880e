package org.bncnn.bench.layer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;

/**
 * PyTorch's {@code batch_norm} in training mode, called through DJL.
 *
 * <p>{@link #forward()} records no graph, as DL4J's forward pass records none; PyTorch still computes the statistics
 * that the backward pass needs. The arrays of a call are freed at its end, as Python would do.
 */
@SuppressWarnings("try") // a scope acts by being open
final class PyTorchLayer implements TimedLayer {
    private final NDArray input;
    private final PtNDArray outputGradient;
    private final NDArray gamma;
    private final NDArray beta;
    private final NDArray runningMean;
    private final NDArray runningVariance;

    PyTorchLayer(Batch batch) {
        NDManager manager = NDManager.newBaseManager();
        Shape channels = new Shape(batch.channels());
        input = manager.create(batch.input(), new Shape(batch.shape()));
        outputGradient = (PtNDArray) manager.create(batch.outputGradient(), new Shape(batch.shape()));
        gamma = manager.ones(channels);
        beta = manager.zeros(channels);
        runningMean = manager.zeros(channels);
        runningVariance = manager.ones(channels);
    }

    @Override
    public void forward() {
        try (NDScope call = call(false)) {
            normalize(input, gamma, beta);
        }
    }

    @Override
    public float[] output() {
        try (NDScope call = call(false)) {
            return normalize(input, gamma, beta).toFloatArray();
        }
    }

    @Override
    public void forwardBackward() {
        try (NDScope call = call(true)) {
            backward();
        }
    }

    @Override
    public float[] inputGradient() {
        try (NDScope call = call(true)) {
            return backward().getGradient().toFloatArray();
        }
    }

    /** Frees at its end what is computed within; set here for each call, because the mode belongs to the thread. */
    private static NDScope call(boolean recordsGraph) {
        JniUtils.setGradMode(recordsGraph);
        return new NDScope();
    }

    /** {@return the input, which now has its gradient} */
    private NDArray backward() {
        NDArray x = leaf(input);
        NDArray y = normalize(x, leaf(gamma), leaf(beta));
        JniUtils.backward((PtNDArray) y, outputGradient, false, false);
        return x;
    }

    /**
     * The same memory without a gradient, as after {@code zero_grad}: otherwise PyTorch would add each gradient to the
     * last.
     */
    private static NDArray leaf(NDArray array) {
        NDArray leaf = array.stopGradient();
        leaf.setRequiresGradient(true);
        return leaf;
    }

    private NDArray normalize(NDArray x, NDArray scale, NDArray shift) {
        // Axis -1 is DJL's for PyTorch's own choice, the second; naming it would add two transpositions.
        return BatchNorm.batchNorm(x, runningMean, runningVariance, scale, shift, -1, (float) DECAY, (float) EPS, true)
                .head();
    }

    @Override
    public int threads() {
        return JniUtils.getNumThreads();
    }
}
