package org.bncnn.engine;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A network compiled to oneDNN primitives, for one shape of input, and either for training or for inference.
 *
 * <p>Not for several threads at once. Closing it frees its memory.
 */
final class Plan implements AutoCloseable {
    /** Multiplications that a core does while threads are woken for each of a small network's primitives. */
    private static final long SMALL = 4_000_000;

    private final Assembly assembly;
    private final Islands islands;
    private final Tensor input;
    private final Tensor output;
    private final Tensor diffOutput;
    private final Loss loss;
    private final List<LayerExecution> layers;
    private final long multiplyAdds;

    private long preparedFor = -1;

    /** Where Java arrays are copied to and from; made when they are first needed. */
    private Floats stagedInput;

    private Floats stagedOutput;

    /**
     * @param input plain, bound at each run
     * @param output plain, bound at each run for inference
     * @param diffOutput null for inference
     * @param loss null for inference
     * @param pipeline what the plan was made by
     */
    Plan(
            Assembly assembly,
            Islands islands,
            Tensor input,
            Tensor output,
            Tensor diffOutput,
            Loss loss,
            Pipeline pipeline) {
        this.assembly = assembly;
        this.islands = islands;
        this.input = input;
        this.output = output;
        this.diffOutput = diffOutput;
        this.loss = loss;
        this.layers = List.copyOf(pipeline.executions());
        this.multiplyAdds = pipeline.multiplyAdds();
    }

    /** {@return {@code [N, …]}} */
    long[] inputShape() {
        return input.shape();
    }

    /** {@return {@code [N, …]}} */
    long[] outputShape() {
        return output.shape();
    }

    List<LayerExecution> layers() {
        return layers;
    }

    /** {@return whether threads would wait for each other longer than they work} */
    boolean isSmall() {
        return loss == null && multiplyAdds < SMALL;
    }

    /** {@return whether the network's arrays are still those that the plan was made for} */
    boolean isCurrent() {
        return assembly.parameters().isCurrent();
    }

    /**
     * Runs forward and backward, and leaves the gradients, sums over the batch, in the network's.
     *
     * @param features of the plan's input shape, in 'c' order
     * @param labels of its output shape, in 'c' order
     * @return the loss, summed over the batch; empty, and no gradients, if a number may have overflowed on the way to it
     */
    OptionalDouble train(INDArray features, INDArray labels) {
        input.bind(Floats.addressOf(features));
        double[] sum = new double[1];
        islands.around((int) input.shape()[0], () -> {
            assembly.prepare().run();
            assembly.bound().start(Floats.of(features).magnitude());
            assembly.forward().runWhile(assembly.bound()::holds);
            assembly.natives().stream()._wait();
            if (!assembly.bound().holds()) {
                return;
            }
            float[] z = output.floats().read();
            sum[0] = loss.evaluate(z, labels, (int) output.shape()[1]);
            diffOutput.floats().write(z);
            assembly.backward().run();
            assembly.natives().stream()._wait();
        });
        return assembly.bound().holds() ? OptionalDouble.of(sum[0]) : OptionalDouble.empty();
    }

    /**
     * Runs forward.
     *
     * @param features address of the input
     * @param activations address of the output
     * @param version of the parameters; if another one than the last, weights are prepared anew
     * @return whether no number can have overflowed on the way; if not, the output is not DL4J's
     */
    @SuppressWarnings("try") // what is opened is used by way of the thread
    boolean infer(long features, long activations, long version) {
        input.bind(features);
        output.bind(activations);
        if (isSmall()) {
            try (OneThread one = new OneThread()) {
                forward(version);
            }
        } else {
            forward(version);
        }
        return assembly.bound().holds();
    }

    private void forward(long version) {
        islands.around((int) input.shape()[0], () -> {
            if (version != preparedFor) {
                assembly.prepare().run();
                preparedFor = version;
            }
            assembly.bound().start(input.floats().magnitude());
            assembly.forward().runWhile(assembly.bound()::holds);
            assembly.natives().stream()._wait();
        });
    }

    /**
     * Runs forward on a Java array, and gives one.
     *
     * @param features of the plan's input shape
     * @param version as in {@link #infer(long, long, long)}
     * @return the output; empty if a number may have overflowed on the way
     */
    Optional<float[]> infer(float[] features, long version) {
        if (stagedInput == null) {
            Natives natives = assembly.natives();
            stagedInput =
                    natives.allocate(natives.plain(inputShape()), inputShape()).floats();
            stagedOutput = natives.allocate(natives.plain(outputShape()), outputShape())
                    .floats();
        }
        stagedInput.write(features);
        return infer(stagedInput.address(), stagedOutput.address(), version)
                ? Optional.of(stagedOutput.read())
                : Optional.empty();
    }

    @Override
    public void close() {
        assembly.natives().close();
    }
}
