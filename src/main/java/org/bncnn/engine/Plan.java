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
    /** Multiplications that a core does while threads are woken for the primitives of a small network. */
    private static final long SMALL = 4_000_000;

    private final Assembly assembly;
    private final Tensor input;
    private final Tensor output;
    private final Floats result;
    private final Tensor diffOutput;
    private final Loss loss;
    private final long multiplyAdds;

    private long preparedFor = -1;

    /** Where Java arrays are copied to; made when it is first needed. */
    private Floats stagedInput;

    /**
     * @param output plain
     * @param diffOutput plain; null for inference
     * @param loss null for inference
     */
    Plan(Assembly assembly, Tensor output, Tensor diffOutput, Loss loss) {
        this.assembly = assembly;
        this.input = assembly.tensors().get(0);
        this.output = output;
        this.result = output.floats();
        this.diffOutput = diffOutput;
        this.loss = loss;
        this.multiplyAdds =
                assembly.stages().stream().mapToLong(Stage::multiplyAdds).sum();
    }

    /** {@return {@code [N, …]}} */
    long[] outputShape() {
        return output.shape();
    }

    List<LayerExecution> layers() {
        return List.copyOf(assembly.executions());
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
     * @return the loss, summed over the batch; empty, and no gradients, if a number may have overflowed
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
            float[] z = result.read();
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
     * @param version of the parameters; if it is not the last run's, weights are prepared again
     * @return the output, in 'c' order, until the next run; empty if a number may have overflowed
     */
    @SuppressWarnings("try") // what is opened is used by way of the thread
    Optional<Floats> infer(Floats features, long version) {
        try (OneThread one = isSmall() ? new OneThread() : null) {
            around(features, () -> {
                if (version != preparedFor) {
                    assembly.prepare().run();
                    preparedFor = version;
                }
                forward(features);
            });
        }
        return assembly.bound().holds() ? Optional.of(result) : Optional.empty();
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

    /** The same as {@link #infer(Floats, long)}, from and to Java arrays. */
    Optional<float[]> infer(float[] features, long version) {
        if (stagedInput == null) {
            stagedInput = assembly.natives().allocate(input.shape()).floats();
        }
        stagedInput.write(features);
        return infer(stagedInput, version).map(Floats::read);
    }

    @Override
    public void close() {
        assembly.natives().close();
    }

    /**
     * Lets oneDNN work on the calling thread alone until it is closed. The threads are OpenMP's; the process has one
     * OpenMP library, ND4J's. A primitive's number of threads is fixed when it is made.
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
