package org.bncnn.engine;

import java.util.Arrays;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;

/** Flattens images, or makes images of vectors: the same values in the same order in another shape. */
final class ReshapeStage implements Stage {
    private final Assembly assembly;
    private final long[] dstShape;

    private long[] srcShape;

    ReshapeStage(Assembly assembly, long... dstShape) {
        this.assembly = assembly;
        this.dstShape = dstShape;
    }

    /**
     * {@return the shape that a layer is given by its preprocessor}, which lets through what has the right rank already
     *
     * @param preprocessor null if there is none
     * @param shape of the preprocessor's input
     */
    static long[] shapeBehind(InputPreProcessor preprocessor, long... shape) throws NotCompilableException {
        if (preprocessor == null) {
            return shape;
        }
        Class<?> type = preprocessor.getClass();
        if (type == CnnToFeedForwardPreProcessor.class) {
            CnnToFeedForwardPreProcessor flattening = (CnnToFeedForwardPreProcessor) preprocessor;
            if (flattening.getFormat() == CNN2DFormat.NCHW) {
                return shape.length == 4 ? flat(flattening, shape) : shape;
            }
        }
        if (type == FeedForwardToCnnPreProcessor.class) {
            return shape.length == 2 ? image((FeedForwardToCnnPreProcessor) preprocessor, shape) : shape;
        }
        throw new NotCompilableException("its input passes a " + type.getSimpleName());
    }

    /** One without a shape takes that of the first images it meets. */
    private static long[] flat(CnnToFeedForwardPreProcessor flattening, long... shape) throws NotCompilableException {
        long[] expected = {flattening.getNumChannels(), flattening.getInputHeight(), flattening.getInputWidth()};
        if (!Arrays.equals(expected, new long[3]) && !Arrays.equals(expected, Arrays.copyOfRange(shape, 1, 4))) {
            throw new NotCompilableException("its input has shape " + Arrays.toString(shape));
        }
        return new long[] {shape[0], shape[1] * shape[2] * shape[3]};
    }

    private static long[] image(FeedForwardToCnnPreProcessor toImages, long... shape) throws NotCompilableException {
        long[] image = {shape[0], toImages.getNumChannels(), toImages.getInputHeight(), toImages.getInputWidth()};
        if (image[1] * image[2] * image[3] != shape[1]) {
            throw new NotCompilableException("its input does not have as many values as its images");
        }
        return image;
    }

    @Override
    public Tensor forward(Tensor src) {
        srcShape = src.shape();
        return plain(src, assembly.forward()).reshaped(assembly.natives(), dstShape);
    }

    @Override
    public Tensor backward(Tensor diffDst, boolean wanted) {
        return wanted ? plain(diffDst, assembly.backward()).reshaped(assembly.natives(), srcShape) : null;
    }

    private Tensor plain(Tensor tensor, Program program) {
        return assembly.natives().inLayout(tensor, assembly.natives().plain(tensor.shape()), program);
    }

    @Override
    public double bound(double src) {
        return src;
    }

    @Override
    public String implementation() {
        return "reshape";
    }
}
