package org.bncnn.engine;

import java.lang.ref.Reference;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.bncnn.array.Floats;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.nativeblas.NativeOps;
import org.nd4j.nativeblas.NativeOpsHolder;

/**
 * A network compiled to oneDNN primitives, for one shape of input, and either for training or for inference.
 *
 * <p>Not for several threads at once. Closing it frees its memory.
 */
final class Plan implements AutoCloseable {
    /** Multiplications that a core does while threads are woken for each of a small network's primitives. */
    private static final long SMALL = 4_000_000;

    private final Assembly assembly;
    private final Tensor input;
    private final Tensor output;
    private final Tensor diffOutput;
    private final Loss loss;
    private final long multiplyAdds;

    private long preparedFor = -1;

    /** Where Java arrays are copied to and from; made when they are first needed. */
    private Floats stagedInput;

    private Floats stagedOutput;

    /**
     * @param output plain, bound at each run for inference
     * @param diffOutput null for inference
     * @param loss null for inference
     */
    Plan(Assembly assembly, Tensor output, Tensor diffOutput, Loss loss) {
        this.assembly = assembly;
        this.input = assembly.input();
        this.output = output;
        this.diffOutput = diffOutput;
        this.loss = loss;
        this.multiplyAdds = assembly.multiplyAdds();
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
        return assembly.executions();
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
     * @param features plain, of the plan's input shape
     * @param labels plain, of its output shape
     * @return the loss, summed over the batch; empty, and no gradients, if a number may have overflowed on the way to it
     */
    OptionalDouble train(INDArray features, INDArray labels) {
        Floats src = Floats.of(features);
        double[] sum = new double[1];
        around(src, () -> {
            assembly.prepare().run();
            forward(src);
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
     * @param features of the plan's input shape
     * @param activations of the plan's output shape; written
     * @param version of the parameters; if it is not the last run's, weights are prepared again
     * @return whether no number can have overflowed on the way; if not, the output is not DL4J's
     */
    @SuppressWarnings("try") // what is opened is used by way of the thread
    boolean infer(Floats features, Floats activations, long version) {
        output.bind(activations);
        if (isSmall()) {
            try (OneThread one = new OneThread()) {
                infer(features, version);
            }
        } else {
            infer(features, version);
        }
        Reference.reachabilityFence(activations);
        return assembly.bound().holds();
    }

    private void infer(Floats features, long version) {
        around(features, () -> {
            if (version != preparedFor) {
                assembly.prepare().run();
                preparedFor = version;
            }
            forward(features);
        });
    }

    private void around(Floats features, Runnable work) {
        input.bind(features);
        assembly.islands().around((int) input.shape()[0], work);
        Reference.reachabilityFence(features);
    }

    private void forward(Floats features) {
        assembly.bound().start(Bound.magnitude(features));
        assembly.forward().runWhile(assembly.bound()::holds);
        assembly.natives().stream()._wait();
    }

    /**
     * Runs forward on a Java array.
     *
     * @param features of the plan's input shape
     * @param version as in {@link #infer(Floats, Floats, long)}
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
        return infer(stagedInput, stagedOutput, version) ? Optional.of(stagedOutput.read()) : Optional.empty();
    }

    @Override
    public void close() {
        assembly.natives().close();
    }

    /**
     * Lets oneDNN work on the calling thread alone until it is closed. The threads are OpenMP's, of which the process has one library,
     * ND4J's. A primitive has its number of threads from when it is made.
     */
    static final class OneThread implements AutoCloseable {
        private final NativeOps openMp = NativeOpsHolder.getInstance().getDeviceNativeOps();
        private final int usual = openMp.ompGetMaxThreads();

        OneThread() {
            openMp.setOmpNumThreads(1);
        }

        @Override
        public void close() {
            openMp.setOmpNumThreads(usual);
        }
    }
}
