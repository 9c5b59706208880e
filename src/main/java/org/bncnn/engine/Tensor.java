package org.bncnn.engine;

import java.util.Arrays;
import org.bncnn.array.Floats;
import org.bytedeco.dnnl.memory;
import org.nd4j.common.util.ArrayUtil;

/**
 * An array in a plan, in whatever layout suits the primitives that use it.
 *
 * @param memory where it is
 * @param desc its layout
 * @param shape {@code [N, C, H, W]} or {@code [N, C]}, or a parameter's
 */
record Tensor(memory memory, memory.desc desc, long... shape) {
    /** Sets where the array is from now on; whoever does keeps that memory alive until the plan has run. */
    void bind(Floats values) {
        if (values.length() != ArrayUtil.prodLong(shape)) {
            throw new IllegalArgumentException(values.length() + " values are not of shape " + Arrays.toString(shape));
        }
        memory.set_data_handle(values.pointer());
    }

    /** {@return the memory as floats}; only of an array in a plain layout are they in the order of its shape */
    Floats floats() {
        return Floats.at(memory.get_data_handle().address(), desc.get_size() / Float.BYTES);
    }

    /** {@return the same memory seen in another plain shape} */
    Tensor reshaped(Natives natives, long... other) {
        return new Tensor(memory, natives.plain(other), other);
    }
}
