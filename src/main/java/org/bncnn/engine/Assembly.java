package org.bncnn.engine;

import org.bytedeco.dnnl.global.dnnl.prop_kind;

/**
 * A plan in the making, which stages add to.
 *
 * @param natives owns what they make
 * @param training whether the plan is to train; else it is for inference
 * @param parameters of the network
 * @param prepare what has to be done with parameters before they can be used; run when they have changed
 * @param forward from input to output
 * @param backward from the loss's gradient to the gradients of the parameters
 * @param bound of the numbers on the way from input to output
 */
record Assembly(
        Natives natives,
        boolean training,
        ParameterMemory parameters,
        Program prepare,
        Program forward,
        Program backward,
        Bound bound) {
    static Assembly of(Natives natives, boolean training, ParameterMemory parameters) {
        return new Assembly(
                natives,
                training,
                parameters,
                new Program(natives),
                new Program(natives),
                new Program(natives),
                new Bound());
    }

    /** {@return the kind of forward pass}: in training, primitives keep what their backward pass needs. */
    prop_kind forwardKind() {
        return training ? prop_kind.forward_training : prop_kind.forward_inference;
    }
}
