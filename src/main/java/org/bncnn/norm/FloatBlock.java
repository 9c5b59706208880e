package org.bncnn.norm;

/** A part of one group's values, copied to the heap in segments of one length, the last of which may be shorter. */
final class FloatBlock {
    /** Floats in a block, about; two blocks are in use at a time, 512 KiB, which a core's cache holds. */
    private static final int LENGTH = 1 << 16;

    private final FloatMemory memory;
    private final long total;
    private final float[][] segments;
    private final int segmentLength;
    private int group = -1;
    private long start;
    private int length;

    FloatBlock(FloatMemory memory, int segmentLength) {
        this.memory = memory;
        this.segmentLength = segmentLength;
        total = memory.view().valuesPerChannel();
        long needed = (total + segmentLength - 1) / segmentLength;
        segments = new float[(int) Math.min(needed, Math.max(1, LENGTH / segmentLength))][segmentLength];
    }

    /** {@return the number of values in a group} */
    long total() {
        return total;
    }

    /** {@return the number of blocks in a group} */
    long blocks() {
        return (total + capacity() - 1) / capacity();
    }

    private long capacity() {
        return (long) segments.length * segmentLength;
    }

    int segments() {
        return (length + segmentLength - 1) / segmentLength;
    }

    float[] segment(int number) {
        return segments[number];
    }

    /** {@return the number of values in a segment} */
    int length(int number) {
        return Math.min(segmentLength, length - number * segmentLength);
    }

    /** {@return whether the values had to be copied}; not if they are here already */
    boolean load(int wantedGroup, long block) {
        if (group == wantedGroup && start == block * capacity()) {
            return false;
        }
        group = wantedGroup;
        start = block * capacity();
        length = (int) Math.min(capacity(), total - start);
        for (int s = 0; s < segments(); s++) {
            memory.load(group, start + (long) s * segmentLength, segments[s], length(s));
        }
        return true;
    }

    /** Writes the changed values to memory; they have to be loaded again then. */
    void moveTo(FloatMemory to) {
        for (int s = 0; s < segments(); s++) {
            to.store(group, start + (long) s * segmentLength, segments[s], length(s));
        }
        group = -1;
    }
}
