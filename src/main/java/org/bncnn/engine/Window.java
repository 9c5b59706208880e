package org.bncnn.engine;

import org.deeplearning4j.nn.conf.ConvolutionMode;

/**
 * How a kernel slides over an image; arrays are {height, width}.
 *
 * @param kernel size
 * @param stride from one position to the next
 * @param dilation distance of the kernel's elements, 1 if they are neighbours
 * @param before padding at the top and at the left
 * @param after padding at the bottom and at the right
 * @param out number of positions
 */
record Window(long[] kernel, long[] stride, long[] dilation, long[] before, long[] after, long[] out) {
    /**
     * {@return the window of a layer}
     *
     * @param in height and width of the image
     * @throws NotCompilableException if the kernel does not fit
     */
    static Window of(ConvolutionMode mode, int[] kernel, int[] stride, int[] padding, int[] dilation, long... in)
            throws NotCompilableException {
        long[] before = new long[2];
        long[] after = new long[2];
        long[] out = new long[2];
        for (int axis = 0; axis < 2; axis++) {
            long extent = (kernel[axis] - 1L) * dilation[axis] + 1;
            if (mode == ConvolutionMode.Same) {
                out[axis] = (in[axis] + stride[axis] - 1) / stride[axis];
                long total = Math.max(0, (out[axis] - 1) * stride[axis] + extent - in[axis]);
                before[axis] = total / 2;
                after[axis] = total - before[axis];
            } else {
                long slack = in[axis] - extent + 2L * padding[axis];
                if (slack < 0 || mode == ConvolutionMode.Strict && slack % stride[axis] != 0) {
                    throw new NotCompilableException("its kernel does not fit the image");
                }
                before[axis] = padding[axis];
                after[axis] = padding[axis];
                out[axis] = slack / stride[axis] + 1;
            }
        }
        return new Window(longs(kernel), longs(stride), longs(dilation), before, after, out);
    }

    /** {@return one that covers the whole image} */
    static Window whole(long height, long width) {
        long[] one = {1, 1};
        long[] zero = {0, 0};
        return new Window(new long[] {height, width}, one, one, zero, zero, one);
    }

    /** {@return whether padding alone fills a position of the kernel} */
    boolean isOutside() {
        return before[0] >= kernel[0] || before[1] >= kernel[1] || after[0] >= kernel[0] || after[1] >= kernel[1];
    }

    /** {@return the dilation as oneDNN counts it, 0 for neighbours} */
    long[] gaps() {
        return new long[] {dilation[0] - 1, dilation[1] - 1};
    }

    private static long[] longs(int[] values) {
        return new long[] {values[0], values[1]};
    }
}
