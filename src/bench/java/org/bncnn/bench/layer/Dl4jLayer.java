package org.bncnn.bench.layer;

import org.bncnn.backend.Backend;
import org.bncnn.norm.BatchNorm;
import org.bncnn.norm.LoneLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A layer for DL4J, alone, in a workspace.
 *
 * <p>DL4J computes the change of the running statistics in the backward pass and leaves applying it to the updater,
 * which is not timed; PyTorch applies it in the forward pass. Either is a few operations on C numbers.
 */
final class Dl4jLayer implements TimedLayer {
    private final LoneLayer layer;
    private final INDArray input;
    private final INDArray epsilon;

    private Dl4jLayer(LoneLayer layer, Batch batch) {
        this.layer = layer;
        input = Nd4j.create(batch.input(), batch.shape(), 'c');
        epsilon = Nd4j.create(batch.outputGradient(), batch.shape(), 'c');
    }

    /** {@return DL4J's own layer as M2.1 ships it} */
    static Dl4jLayer withoutHelpers(Batch batch) {
        Backend.start();
        return checked(Backend.withoutOneDnn(() -> alone(builtin(batch))), false, batch);
    }

    /** {@return DL4J's own layer on oneDNN} */
    static Dl4jLayer withHelpers(Batch batch) {
        Backend.start();
        return checked(alone(builtin(batch)), true, batch);
    }

    /** {@return our own layer} */
    static Dl4jLayer custom(Batch batch) {
        Backend.start();
        return checked(
                alone(new BatchNorm.Builder()
                        .decay(DECAY)
                        .eps(EPS)
                        .nOut(batch.channels())
                        .build()),
                false,
                batch);
    }

    private static Dl4jLayer checked(LoneLayer layer, boolean helper, Batch batch) {
        if ((layer.layer().getHelper() != null) != helper) {
            throw new IllegalStateException("DL4J did not choose as it should whether to use a helper");
        }
        return new Dl4jLayer(layer, batch);
    }

    private static LoneLayer alone(FeedForwardLayer configuration) {
        return new LoneLayer(configuration, DataType.FLOAT);
    }

    private static FeedForwardLayer builtin(Batch batch) {
        return new BatchNormalization.Builder()
                .decay(DECAY)
                .eps(EPS)
                .useLogStd(false)
                .nIn(batch.channels())
                .nOut(batch.channels())
                .build();
    }

    @Override
    public void forward() {
        layer.inWorkspace(() -> layer.forward(input));
    }

    @Override
    public float[] output() {
        return layer.inWorkspace(() -> layer.forward(input).ravel().toFloatVector());
    }

    @Override
    public void forwardBackward() {
        layer.inWorkspace(() -> {
            layer.forward(input);
            return layer.backward(epsilon);
        });
    }

    @Override
    public float[] inputGradient() {
        return layer.inWorkspace(() -> {
            layer.forward(input);
            return layer.backward(epsilon).ravel().toFloatVector();
        });
    }

    @Override
    public int threads() {
        return Nd4j.getEnvironment().maxThreads();
    }
}
