package org.bncnn.bench;

import java.io.IOException;
import org.bncnn.model.Norm;

/**
 * A program that can run the reference CNN: Deeplearning4j in one of its ways, or another.
 *
 * <p>Making one costs nothing and loads no native library; that is left to {@link #prepare}, which is called once in a process.
 */
public interface Contender {
    /** {@return the name used on the command line and in files} */
    String id();

    /** {@return the name shown in tables} */
    String title();

    /**
     * {@return whether it can do this}
     *
     * @param norm {@link Norm#BUILTIN} is the contender's own batch normalization; {@link Norm#CUSTOM} is this program's
     */
    boolean supports(Norm norm, Workload workload);

    /**
     * Makes the network and takes over the batches, in arrays of its own.
     *
     * @param weights which the network starts from
     */
    Subject prepare(Norm norm, Workload workload, Weights weights, Batches batches) throws IOException;
}
