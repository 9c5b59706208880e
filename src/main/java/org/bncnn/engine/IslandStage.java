package org.bncnn.engine;

import java.util.Arrays;
import org.deeplearning4j.nn.api.Layer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A layer that DL4J itself runs in the middle of a plan, on arrays in DL4J's own layout: one that oneDNN has no primitive for, or that is
 * meant to run its own code.
 */
final class IslandStage implements Stage {
    private final Assembly assembly;
    private final Layer layer;
    private final Islands islands;
    private final long[] dstShape;
    private final boolean hasParameters;

    private long[] srcShape;

    /** What the layer gave last; DL4J owns it, so it has to be held for as long as oneDNN reads it. */
    private INDArray activations;

    private INDArray diffSrc;

    /**
     * @param islands what this plan's islands share
     * @param dstShape of what the layer gives
     */
    IslandStage(Assembly assembly, Layer layer, Islands islands, long... dstShape) {
        this.assembly = assembly;
        this.layer = layer;
        this.islands = islands;
        this.dstShape = dstShape;
        this.hasParameters = layer.numParams() > 0;
        islands.add(layer);
    }

    @Override
    public Tensor forward(Tensor src) {
        srcShape = src.shape();
        INDArray input = detached(srcShape);
        copy(src, input, assembly.forward());
        Tensor dst = assembly.natives().unbound(assembly.natives().plain(dstShape), dstShape);
        assembly.forward().add(() -> {
            INDArray given = layer.activate(input, assembly.training(), islands.workspaces());
            if (!Arrays.equals(given.shape(), dstShape)) { // its configuration says otherwise
                assembly.bound().giveUp();
                return;
            }
            activations = Floats.plain(given);
            dst.bind(Floats.addressOf(activations));
        });
        return dst;
    }

    @Override
    public Tensor backward(Tensor diffDst, boolean wanted) {
        INDArray epsilon = detached(dstShape);
        copy(diffDst, epsilon, assembly.backward());
        Tensor diff = assembly.natives().unbound(assembly.natives().plain(srcShape), srcShape);
        assembly.backward().add(() -> {
            INDArray gradient =
                    layer.backpropGradient(epsilon, islands.workspaces()).getSecond();
            if (wanted) {
                diffSrc = plain(gradient, srcShape);
                diff.bind(Floats.addressOf(diffSrc));
            }
        });
        return wanted ? diff : null;
    }

    /** Adds a copy of a tensor into an array of DL4J's. */
    private void copy(Tensor from, INDArray to, Program program) {
        Natives natives = assembly.natives();
        program.reorder(from, natives.at(Floats.addressOf(to), natives.plain(to.shape()), to.shape()));
    }

    /** {@return an array of floats that the garbage collector frees} */
    @SuppressWarnings("try") // what is opened is used by way of the thread
    static INDArray detached(long... shape) {
        try (MemoryWorkspace none = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
            return Nd4j.createUninitialized(DataType.FLOAT, shape, 'c');
        }
    }

    private static INDArray plain(INDArray gradient, long... shape) {
        if (!Arrays.equals(gradient.shape(), shape)) {
            throw new IllegalStateException("a layer gave a gradient of shape " + Arrays.toString(gradient.shape())
                    + " for input of shape " + Arrays.toString(shape));
        }
        return Floats.plain(gradient);
    }

    @Override
    public double bound(double src) {
        return Bound.UNKNOWN;
    }

    @Override
    public boolean hasParameters() {
        return hasParameters;
    }

    @Override
    public String implementation() {
        return layer.getClass().getName();
    }
}
