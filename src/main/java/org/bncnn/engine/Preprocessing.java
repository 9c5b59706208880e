package org.bncnn.engine;

import java.util.Arrays;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;

/**
 * What DL4J's preprocessors do between images {@code [N, C, H, W]} and vectors {@code [N, C·H·W]}: they keep the values
 * in their order. One whose input already has the right rank passes it on.
 */
public final class Preprocessing {
    private Preprocessing() {}

    /**
     * {@return the shape of a layer's input behind its preprocessor}
     *
     * @param preprocessor null if there is none
     * @param input shape of the preprocessor's input, of rank 2 or 4
     * @throws IllegalArgumentException if it does more than that, or takes other shapes
     */
    public static long[] shape(InputPreProcessor preprocessor, long... input) {
        if (preprocessor == null) {
            return input;
        }
        Class<?> type = preprocessor.getClass();
        if (type == CnnToFeedForwardPreProcessor.class) {
            return input.length == 4 ? flat((CnnToFeedForwardPreProcessor) preprocessor, input) : input;
        }
        if (type == FeedForwardToCnnPreProcessor.class) {
            return input.length == 2 ? image((FeedForwardToCnnPreProcessor) preprocessor, input) : input;
        }
        throw new IllegalArgumentException("its input passes a " + type.getSimpleName());
    }

    /** A preprocessor without a shape takes that of its first images. */
    private static long[] flat(CnnToFeedForwardPreProcessor flattening, long... input) {
        if (flattening.getFormat() != CNN2DFormat.NCHW) {
            throw new IllegalArgumentException("its input is flattened with channels last");
        }
        long[] image = {input[0], flattening.getNumChannels(), flattening.getInputHeight(), flattening.getInputWidth()};
        if (!Arrays.equals(image, input) && !Arrays.equals(image, new long[] {input[0], 0, 0, 0})) {
            throw new IllegalArgumentException(
                    "its input is images of " + sizes(input) + " instead of " + sizes(image));
        }
        return new long[] {input[0], input[1] * input[2] * input[3]};
    }

    private static long[] image(FeedForwardToCnnPreProcessor toImages, long... input) {
        long[] image = {input[0], toImages.getNumChannels(), toImages.getInputHeight(), toImages.getInputWidth()};
        if (image[1] * image[2] * image[3] != input[1]) {
            throw new IllegalArgumentException(
                    "its input is vectors of " + input[1] + " instead of images of " + sizes(image));
        }
        return image;
    }

    private static String sizes(long... shape) {
        return shape[1] + "×" + shape[2] + "×" + shape[3];
    }
}
