package org.bncnn.norm;

import org.nd4j.linalg.api.buffer.DataBuffer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * An array seen as [batch, channels, positions]: where in memory the m = batch·positions values of each channel are.
 * {@code buffer} begins with the first value.
 *
 * <p>A channel's values are numbered example by example, position by position. Views of differently ordered arrays of
 * one shape number them alike, however each divides m into batch and positions.
 */
record ChannelView(
        DataBuffer buffer,
        long batch,
        long batchStride,
        long channels,
        long channelStride,
        long positions,
        long positionStride) {

    /** {@return whether all axes but the first and the channels' have one stride, so that a view is possible} */
    static boolean canView(INDArray array, int channelAxis) {
        return positionStride(array, channelAxis) >= 0;
    }

    /** {@return a view of an array of rank 2 or more, whose first axis is the examples'} */
    static ChannelView of(INDArray array, int channelAxis) {
        long batch = array.size(0);
        long batchStride = array.stride(0);
        long positions = array.length() / (batch * array.size(channelAxis));
        long positionStride = positionStride(array, channelAxis);
        if (positionStride < 0) {
            throw new IllegalArgumentException("the positions of this array have no common stride");
        }
        if (positions == 1) {
            positionStride = batchStride;
        }
        if (positions == 1 || batchStride == positions * positionStride) {
            positions *= batch;
            batch = 1;
        }
        return new ChannelView(
                array.data(),
                batch,
                batchStride,
                array.size(channelAxis),
                array.stride(channelAxis),
                positions,
                positionStride);
    }

    /** The one stride of the positions' axes; 0 if there is only one position, negative if they have none. */
    private static long positionStride(INDArray array, int channelAxis) {
        long stride = 0;
        long expected = 0;
        for (int axis = array.rank() - 1; axis > 0; axis--) {
            if (axis == channelAxis || array.size(axis) == 1) {
                continue;
            }
            if (expected == 0) {
                stride = array.stride(axis);
            } else if (array.stride(axis) != expected) {
                return -1;
            }
            if (stride == 0) { // a value repeated, as in a broadcast view
                return -1;
            }
            expected = array.stride(axis) * array.size(axis);
        }
        return stride;
    }

    /** {@return m, the number of values in a channel} */
    long valuesPerChannel() {
        return batch * positions;
    }

    /** {@return the number of elements from the first value to the last} */
    long span() {
        return 1 + (batch - 1) * batchStride + (channels - 1) * channelStride + (positions - 1) * positionStride;
    }

    /** {@return the values of a channel}, those of the m that are kept; all if {@code kept} is null */
    double[] read(long channel, boolean[] kept) {
        double[] values = new double[Math.toIntExact(count(kept))];
        int read = 0;
        int number = 0;
        for (long n = 0; n < batch; n++) {
            long index = n * batchStride + channel * channelStride;
            for (long s = 0; s < positions; s++, index += positionStride, number++) {
                if (kept == null || kept[number]) {
                    values[read++] = buffer.getDouble(index);
                }
            }
        }
        return values;
    }

    /** Writes the values of a channel; those that are not kept become 0. */
    void write(long channel, double[] values, boolean[] kept) {
        int written = 0;
        int number = 0;
        for (long n = 0; n < batch; n++) {
            long index = n * batchStride + channel * channelStride;
            for (long s = 0; s < positions; s++, index += positionStride, number++) {
                buffer.put(index, kept == null || kept[number] ? values[written++] : 0);
            }
        }
    }

    /** {@return how many of the m values are kept} */
    long count(boolean[] kept) {
        if (kept == null) {
            return valuesPerChannel();
        }
        long count = 0;
        for (boolean keep : kept) {
            count += keep ? 1 : 0;
        }
        return count;
    }
}
