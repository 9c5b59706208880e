package org.bncnn.engine;

import org.bytedeco.dnnl.memory;

/**
 * An array in a plan, in whatever layout suits the primitives that use it.
 *
 * @param memory where it is
 * @param desc its layout
 * @param shape {@code [N, C, H, W]} or {@code [N, C]}, or a parameter's
 */
record Tensor(memory memory, memory.desc desc, long... shape) {
    /** Tells where the array is from now on. */
    void bind(long address) {
        memory.set_data_handle(new Floats(address, 0));
    }

    /** {@return the memory as floats}; only of an array in a plain layout are they in the order of its shape */
    Floats floats() {
        return new Floats(memory.get_data_handle().address(), desc.get_size() / Float.BYTES);
    }

    /** {@return the same memory seen in another plain shape} */
    Tensor reshaped(Natives natives, long... other) {
        return new Tensor(memory, natives.plain(other), other);
    }
}
