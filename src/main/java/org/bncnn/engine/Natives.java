package org.bncnn.engine;

import java.util.ArrayDeque;
import java.util.Deque;
import org.bncnn.array.Floats;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.reorder;
import org.bytedeco.dnnl.stream;
import org.bytedeco.javacpp.Pointer;

/** The oneDNN objects of one plan: they live until it is closed, and no longer. */
final class Natives implements AutoCloseable {
    /** A memory with this handle gets its real one before it is used. */
    private static final long UNBOUND = 64;

    private final Deque<Pointer> owned = new ArrayDeque<>();
    private final engine cpu = own(new engine(engine.kind.cpu, 0));
    private final stream stream = own(new stream(cpu));

    /** {@return the object}, which is now freed with the others */
    <P extends Pointer> P own(P object) {
        owned.push(object);
        return object;
    }

    engine cpu() {
        return cpu;
    }

    stream stream() {
        return stream;
    }

    /** {@return the layout with the last axis contiguous, ND4J's 'c' order} */
    memory.desc plain(long... shape) {
        long[] strides = new long[shape.length];
        long stride = 1;
        for (int axis = shape.length - 1; axis >= 0; axis--) {
            strides[axis] = stride;
            stride *= shape[axis];
        }
        return own(new memory.desc(shape, memory.data_type.f32, strides));
    }

    /** {@return a layout that a primitive may choose} */
    memory.desc any(long... shape) {
        return own(new memory.desc(shape, memory.data_type.f32, memory.format_tag.any));
    }

    /** {@return the layout of no array at all} */
    memory.desc none() {
        return own(new memory.desc());
    }

    /** {@return a plain array of its own memory} */
    Tensor allocate(long... shape) {
        return allocate(plain(shape), shape);
    }

    /** {@return an array of its own memory} */
    Tensor allocate(memory.desc desc, long... shape) {
        return new Tensor(own(new memory(desc, cpu)), own(desc), shape);
    }

    /** {@return an array in memory that stays alive for as long as this} */
    Tensor at(long address, memory.desc desc, long... shape) {
        return new Tensor(own(new memory(desc, cpu, Floats.at(address, 0).pointer())), own(desc), shape);
    }

    /** {@return a plain array whose memory is set before each run} */
    Tensor unbound(long... shape) {
        return at(UNBOUND, plain(shape), shape);
    }

    /** {@return the array in a layout}: itself if it has it, else a new one, which {@code program} fills. */
    Tensor inLayout(Tensor tensor, memory.desc layout, Program program) {
        Tensor other = orNew(tensor, layout);
        program.reorder(tensor, other);
        return other;
    }

    /** {@return the array if it has a layout}; else one of its shape that has it */
    Tensor orNew(Tensor tensor, memory.desc layout) {
        return tensor.desc().equals(layout) ? tensor : allocate(layout, tensor.shape());
    }

    /** {@return the primitive that copies an array into another layout} */
    reorder.primitive_desc reorder(Tensor from, Tensor to) {
        return own(new reorder.primitive_desc(cpu, from.desc(), cpu, to.desc()));
    }

    @Override
    public void close() {
        while (!owned.isEmpty()) {
            owned.pop().deallocate();
        }
    }
}
