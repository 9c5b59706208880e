package org.bncnn.engine;

import static org.nd4j.common.util.ArrayUtil.toLongArray;

import java.util.stream.IntStream;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;

/**
 * How a kernel slides over an image in DL4J's layers. Arrays are {height, width}.
 *
 * @param kernel size of the kernel
 * @param stride from one position to the next
 * @param dilation distance of the kernel's elements, 1 if they are neighbours
 * @param before padding at the top and at the left
 * @param after padding at the bottom and at the right
 * @param out number of positions
 */
public record Window(long[] kernel, long[] stride, long[] dilation, long[] before, long[] after, long[] out) {
    /**
     * {@return the window of a convolution}
     *
     * @param conf the layer's configuration
     * @param image shape of the images, {@code [N, C, H, W]}
     * @throws IllegalArgumentException if it cannot slide over such images
     */
    public static Window of(ConvolutionLayer conf, long... image) {
        return of(
                conf.getConvolutionMode(),
                toLongArray(conf.getKernelSize()),
                toLongArray(conf.getStride()),
                toLongArray(conf.getPadding()),
                toLongArray(conf.getDilation()),
                image);
    }

    /**
     * {@return the window of a pooling layer}
     *
     * @param conf the layer's configuration
     * @param image shape of the images, {@code [N, C, H, W]}
     * @throws IllegalArgumentException if it cannot slide over such images
     */
    public static Window of(SubsamplingLayer conf, long... image) {
        return of(
                conf.getConvolutionMode(),
                toLongArray(conf.getKernelSize()),
                toLongArray(conf.getStride()),
                toLongArray(conf.getPadding()),
                toLongArray(conf.getDilation()),
                image);
    }

    private static Window of(
            ConvolutionMode mode, long[] kernel, long[] stride, long[] padding, long[] dilation, long... image) {
        if (mode == ConvolutionMode.Causal) {
            throw new IllegalArgumentException("its mode is Causal, which is for sequences");
        }
        long[] before = padding.clone();
        long[] after = padding.clone();
        long[] out = new long[2];
        for (int axis = 0; axis < 2; axis++) {
            long in = image[2 + axis];
            long extent = (kernel[axis] - 1) * dilation[axis] + 1;
            if (mode == ConvolutionMode.Same) {
                out[axis] = (in + stride[axis] - 1) / stride[axis];
                long total = (out[axis] - 1) * stride[axis] + extent - in;
                before[axis] = total / 2;
                after[axis] = (total + 1) / 2;
                if (before[axis] < 0) {
                    throw new IllegalArgumentException(
                            "its stride leaves out the end of the image, which DL4J refuses");
                }
            } else {
                long slack = in + 2 * padding[axis] - extent;
                if (slack < 0 || mode == ConvolutionMode.Strict && slack % stride[axis] != 0) {
                    throw new IllegalArgumentException(
                            "its kernel does not fit the image of " + image[2] + "×" + image[3] + " that it is given");
                }
                out[axis] = slack / stride[axis] + 1;
            }
        }
        return new Window(kernel, stride, dilation, before, after, out);
    }

    /** {@return one that covers the whole image} */
    static Window whole(long height, long width) {
        long[] one = {1, 1};
        long[] zero = {0, 0};
        return new Window(new long[] {height, width}, one, one, zero, zero, one);
    }

    /** {@return whether the kernel, undilated, can be on padding alone} */
    public boolean hasEmptyPositions() {
        return IntStream.range(0, 2).anyMatch(axis -> before[axis] >= kernel[axis] || after[axis] >= kernel[axis]);
    }

    /** {@return the dilation as oneDNN counts it, 0 for neighbours} */
    long[] gaps() {
        return new long[] {dilation[0] - 1, dilation[1] - 1};
    }
}
