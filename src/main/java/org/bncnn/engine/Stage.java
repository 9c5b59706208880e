package org.bncnn.engine;

/** One or several layers in a plan: adds its primitives forward, then, in training and in the opposite order of stages, backward. */
interface Stage {
    /**
     * Adds the forward pass.
     *
     * @param src what the stage before gave
     * @return what this one gives
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
     * {@return the largest magnitude that what it gives, and all that it computes on the way, can have; more than a float or NaN if that
     * may overflow, {@link Bound#UNKNOWN} if it cannot tell}
     *
     * @param src the largest magnitude of what it takes
     */
    double bound(double src);

    /** {@return how many numbers it multiplies and adds up in a forward pass}, known after {@link #forward}; few ones count as none */
    default long multiplyAdds() {
        return 0;
    }

    /** {@return whether it has gradients to compute} */
    default boolean hasParameters() {
        return false;
    }

    /** {@return what runs it}, known after {@link #forward} */
    String implementation();
}
