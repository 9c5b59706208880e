package org.bncnn.norm;

import java.nio.FloatBuffer;
import org.bytedeco.javacpp.FloatPointer;

/**
 * The native memory of a float array, copied to and from heap arrays in bulk: HotSpot vectorises loops over arrays, but not over native
 * memory. Every copy is checked against the bounds of the view.
 */
final class FloatMemory {
    private final ChannelView view;

    /** Begins at the view's first value. */
    private final FloatBuffer values;

    /** @param view with positions side by side, of an array that stays alive as long as this is used */
    FloatMemory(ChannelView view) {
        this.view = view;
        long first = view.buffer().offset();
        // Our own, because making a buffer moves a pointer for a moment, and others may be using the array's.
        // It is not closed: that would free the array's memory.
        FloatPointer pointer = new FloatPointer(view.buffer().pointer());
        if (first + view.span() > pointer.limit()) {
            throw new IllegalArgumentException("the array's strides lead out of its memory");
        }
        values = pointer.position(first).limit(first + view.span()).asBuffer();
    }

    /** {@return how many values a channel has} */
    long valuesPerChannel() {
        return view.valuesPerChannel();
    }

    /** Copies values {@code from}, {@code from} + 1, … of a channel. */
    void load(int channel, long from, float[] segment, int length) {
        walk(channel, from, length, (index, start, run) -> values.get(index, segment, start, run));
    }

    /** Writes values {@code from}, {@code from} + 1, … of a channel. */
    void store(int channel, long from, float[] segment, int length) {
        walk(channel, from, length, (index, start, run) -> values.put(index, segment, start, run));
    }

    private void walk(int channel, long from, int length, Copy copy) {
        long position = from % view.positions();
        long index = from / view.positions() * view.batchStride() + channel * view.channelStride();
        for (int done = 0; done < length; ) {
            int run = (int) Math.min(length - done, view.positions() - position);
            copy.copy((int) (index + position), done, run);
            done += run;
            position = 0;
            index += view.batchStride();
        }
    }

    /** Copies {@code length} floats between {@code index} of the native memory and {@code start} of the heap array. */
    @FunctionalInterface
    private interface Copy {
        void copy(int index, int start, int length);
    }
}
