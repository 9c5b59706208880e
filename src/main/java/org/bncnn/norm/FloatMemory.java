package org.bncnn.norm;

import org.bncnn.array.Floats;

/**
 * A float array's channels, copied to and from heap arrays: HotSpot vectorises loops over those, but not over native
 * memory.
 *
 * @param view with positions side by side
 * @param values from the view's first to its last
 */
record FloatMemory(ChannelView view, Floats values) {
    FloatMemory(ChannelView view) {
        this(view, Floats.of(view.buffer(), view.span()));
    }

    /** Copies values {@code from}, {@code from} + 1, … of a channel. */
    void load(int channel, long from, float[] segment, int length) {
        walk(channel, from, length, (index, start, run) -> values.read(index, segment, start, run));
    }

    /** Writes values {@code from}, {@code from} + 1, … of a channel. */
    void store(int channel, long from, float[] segment, int length) {
        walk(channel, from, length, (index, start, run) -> values.write(index, segment, start, run));
    }

    private void walk(int channel, long from, int length, Copy copy) {
        long position = from % view.positions();
        long index = from / view.positions() * view.batchStride() + channel * view.channelStride();
        for (int done = 0; done < length; ) {
            int run = (int) Math.min(length - done, view.positions() - position);
            copy.copy(index + position, done, run);
            done += run;
            position = 0;
            index += view.batchStride();
        }
    }

    /** Copies {@code length} floats between {@code index} of the native memory and {@code start} of the heap array. */
    @FunctionalInterface
    private interface Copy {
        void copy(long index, int start, int length);
    }
}
