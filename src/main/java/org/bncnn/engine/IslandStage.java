package org.bncnn.engine;

import java.util.Arrays;
import org.bncnn.array.Floats;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.layers.IOutputLayer;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeConvolutional;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeFeedForward;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A layer that DL4J runs in the middle of a plan, on arrays in DL4J's layout: oneDNN has no primitive for it, or it is
 * meant to run its own code.
 */
final class IslandStage implements Stage {
    private final Assembly assembly;
    private final Layer layer;
    private final Islands islands;
    private final long[] dstShape;

    private long[] srcShape;

    /** The layer's last output; DL4J owns it, so it has to be held for as long as oneDNN reads it. */
    private INDArray activations;

    private INDArray diffSrc;

    private IslandStage(Assembly assembly, Layer layer, long... dstShape) {
        this.assembly = assembly;
        this.layer = layer;
        this.dstShape = dstShape;
        islands = assembly.islands();
        islands.layers().add(layer);
    }

    /** {@return a stage that runs a layer of the network} */
    static IslandStage of(Assembly assembly, Layer layer) throws NotCompilableException {
        if (layer instanceof IOutputLayer) {
            throw new NotCompilableException("it is an output layer in the middle of a network");
        }
        long[] shape = assembly.shape();
        InputType type = shape.length == 4
                ? InputType.convolutional(shape[2], shape[3], shape[1])
                : InputType.feedForward(shape[1]);
        var conf = layer.conf().getLayer().clone(); // a locally connected layer keeps what it is asked
        InputType given = conf.getOutputType(layer.getIndex(), type);
        if (given instanceof InputTypeFeedForward vector) {
            return new IslandStage(assembly, layer, shape[0], vector.getSize());
        }
        if (given instanceof InputTypeConvolutional image && image.getFormat() == CNN2DFormat.NCHW) {
            return new IslandStage(assembly, layer, shape[0], image.getChannels(), image.getHeight(), image.getWidth());
        }
        throw new NotCompilableException("it gives " + given);
    }

    /** {@return a stage that does part of a layer's work}, by another layer, without parameters */
    static IslandStage part(Assembly assembly, int index, org.deeplearning4j.nn.conf.layers.Layer conf)
            throws NotCompilableException {
        var configuration = new NeuralNetConfiguration.Builder().layer(conf).build();
        return of(assembly, conf.instantiate(configuration, null, index, null, false, DataType.FLOAT));
    }

    @Override
    public Tensor forward(Tensor src) {
        srcShape = src.shape();
        INDArray input = detached(srcShape);
        copy(src, input, assembly.forward());
        Tensor dst = assembly.natives().unbound(dstShape);
        assembly.forward().add(() -> {
            INDArray given = layer.activate(input, assembly.training(), islands.workspaces());
            if (!Arrays.equals(given.shape(), dstShape)) { // its configuration says otherwise
                assembly.bound().giveUp();
                return;
            }
            activations = Floats.plain(given);
            dst.bind(Floats.of(activations));
        });
        return dst;
    }

    @Override
    public Tensor backward(Tensor diffDst, boolean wanted) {
        INDArray epsilon = detached(dstShape);
        copy(diffDst, epsilon, assembly.backward());
        Tensor diff = assembly.natives().unbound(srcShape);
        assembly.backward().add(() -> {
            INDArray gradient =
                    layer.backpropGradient(epsilon, islands.workspaces()).getSecond();
            if (wanted) {
                if (!Arrays.equals(gradient.shape(), srcShape)) {
                    throw new IllegalStateException("a layer gave a gradient of shape "
                            + Arrays.toString(gradient.shape()) + " for input of shape " + Arrays.toString(srcShape));
                }
                diffSrc = Floats.plain(gradient);
                diff.bind(Floats.of(diffSrc));
            }
        });
        return wanted ? diff : null;
    }

    /** Adds a copy of a tensor into an array of DL4J's. */
    private void copy(Tensor from, INDArray to, Program program) {
        Natives natives = assembly.natives();
        program.reorder(from, natives.at(Floats.of(to).address(), natives.plain(to.shape()), to.shape()));
    }

    /** {@return an array of floats that the garbage collector frees} */
    @SuppressWarnings("try") // what is opened is used by way of the thread
    static INDArray detached(long... shape) {
        try (MemoryWorkspace none = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
            return Nd4j.createUninitialized(DataType.FLOAT, shape, 'c');
        }
    }

    @Override
    public double bound(double src) {
        return Bound.UNKNOWN;
    }

    @Override
    public boolean hasParameters() {
        return layer.numParams() > 0;
    }

    @Override
    public String implementation() {
        return layer.getClass().getName();
    }
}
