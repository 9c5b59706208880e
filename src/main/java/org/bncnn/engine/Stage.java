package org.bncnn.engine;

/**
 * One or several layers in a plan. Stages add their primitives forward, then, in training, backward from the last
 * stage.
 */
interface Stage {
    /**
     * Adds the forward pass.
     *
     * @param src output of the stage before
     * @return output of this one
     */
    Tensor forward(Tensor src) throws NotCompilableException;

    /**
     * Adds the backward pass, which leaves the gradients of the parameters where DL4J looks for them.
     *
     * @param diffDst ∂ℓ/∂dst; may be overwritten
     * @param wanted whether a stage before needs ∂ℓ/∂src
     * @return ∂ℓ/∂src; null if it is not wanted
     */
    Tensor backward(Tensor diffDst, boolean wanted) throws NotCompilableException;

    /**
     * {@return the largest possible magnitude of the output and of all that is computed on the way}: more than a float
     * or NaN if it may overflow, {@link Bound#UNKNOWN} if it is not known
     *
     * @param src the largest magnitude of the input
     */
    double bound(double src);

    /** {@return the number of multiply-adds in a forward pass, about}; known after {@link #forward} */
    default long multiplyAdds() {
        return 0;
    }

    /** {@return whether it has gradients to compute} */
    default boolean hasParameters() {
        return false;
    }

    /** {@return what executes it}; known after {@link #forward} */
    String implementation();
}
