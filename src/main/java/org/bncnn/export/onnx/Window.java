package org.bncnn.export.onnx;

import static org.bncnn.export.onnx.Graph.integers;

import java.util.List;
import java.util.stream.IntStream;
import onnx.Onnx.AttributeProto;
import org.bncnn.export.NotExportableException;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.util.ConvolutionUtils;

/**
 * How a kernel slides over an image; arrays are {height, width}.
 *
 * @param kernel size
 * @param stride from one position to the next
 * @param before padding at the top and at the left
 * @param after padding at the bottom and at the right
 * @param out number of positions
 */
record Window(int[] kernel, int[] stride, int[] before, int[] after, int[] out) {
    /**
     * {@return the window of a layer}
     *
     * @param image shape of what it slides over, {@code [N, C, H, W]}
     */
    static Window of(ConvolutionMode mode, int[] kernel, int[] stride, int[] padding, int[] dilation, long... image)
            throws NotExportableException {
        int[] in = {(int) image[2], (int) image[3]};
        int[] out = new int[2];
        if (mode == ConvolutionMode.Same) {
            for (int axis = 0; axis < 2; axis++) {
                out[axis] = (in[axis] + stride[axis] - 1) / stride[axis];
            }
            try {
                return new Window(
                        kernel,
                        stride,
                        ConvolutionUtils.getSameModeTopLeftPadding(out, in, kernel, stride, dilation),
                        ConvolutionUtils.getSameModeBottomRightPadding(out, in, kernel, stride, dilation),
                        out);
            } catch (IllegalStateException e) {
                throw new NotExportableException("its stride leaves out the end of the image, which DL4J refuses", e);
            }
        }
        if (mode == ConvolutionMode.Causal) {
            throw new NotExportableException("its mode is Causal, which is for sequences");
        }
        for (int axis = 0; axis < 2; axis++) {
            int slack = in[axis] + 2 * padding[axis] - (kernel[axis] - 1) * dilation[axis] - 1;
            if (slack < 0 || mode == ConvolutionMode.Strict && slack % stride[axis] != 0) {
                throw new NotExportableException(
                        "its kernel does not fit the image of " + in[0] + "×" + in[1] + " that it is given");
            }
            out[axis] = slack / stride[axis] + 1;
        }
        return new Window(kernel, stride, padding, padding, out);
    }

    /** {@return whether the kernel, undilated, can be on padding alone} */
    boolean hasEmptyPositions() {
        return IntStream.range(0, 2).anyMatch(axis -> before[axis] >= kernel[axis] || after[axis] >= kernel[axis]);
    }

    List<AttributeProto> attributes() {
        return List.of(
                integers("kernel_shape", kernel),
                integers("strides", stride),
                integers("pads", before[0], before[1], after[0], after[1]));
    }
}
