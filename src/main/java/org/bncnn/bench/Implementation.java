package org.bncnn.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import org.bncnn.model.Norm;

/**
 * A program that can run the reference CNN, or one of the ways in which Deeplearning4j can.
 *
 * <p>Creating one costs nothing and loads no native library; that is left to {@link #prepare}, which is called once in
 * a process. Implementations outside this package are found by {@link ServiceLoader}.
 */
public interface Implementation {
    /** {@return all implementations on the class path: Deeplearning4j's, then others} */
    static List<Implementation> all() {
        List<Implementation> all = new ArrayList<>(Dl4j.ALL);
        ServiceLoader.load(Implementation.class).forEach(all::add);
        return all;
    }

    /** {@return the name used on the command line and in files} */
    String id();

    /** {@return the name shown in tables} */
    String title();

    /**
     * {@return whether it can run a workload}
     *
     * @param norm {@link Norm#BUILTIN} is the implementation's own batch normalization; {@link Norm#CUSTOM} is ours
     * @param workload task and sizes
     */
    boolean supports(Norm norm, Workload workload);

    /**
     * {@return the network, with the batches in arrays of its own}
     *
     * @param norm a norm that it supports
     * @param weights initial weights by their names in PyTorch's {@code state_dict}
     * @param batches batches, and their workload
     * @throws IOException if it cannot run here, or the batches cannot be read
     */
    Network prepare(Norm norm, Map<String, Weight> weights, BatchFile batches) throws IOException;

    /**
     * An implementation's network. Training is stochastic gradient descent with
     * {@link org.bncnn.model.Recipe#REFERENCE}'s learning rate and momentum on softmax with cross-entropy. Batch
     * normalization has {@link org.bncnn.model.ReferenceCnn}'s constants.
     */
    interface Network extends AutoCloseable {
        /** {@return what runs, with its versions} */
        String version();

        /** {@return how many threads it may use, as it says itself} */
        int threads();

        /**
         * Does the workload's task on a batch, and returns when the work is done, not merely queued.
         *
         * @param batch number of the batch
         * @return the mean loss of the batch before a training step, or probabilities, [N, classes]
         */
        float[] call(int batch);

        @Override
        void close();
    }
}
