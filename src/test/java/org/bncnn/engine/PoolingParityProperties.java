package org.bncnn.engine;

import java.util.List;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;

/** Pooling behind a convolution, which gets the gradient of what is pooled. */
class PoolingParityProperties {
    @Property(tries = 60, seed = "1")
    void pooling(
            @ForAll @IntRange(min = 1, max = 3) int examples,
            @ForAll @IntRange(min = 1, max = 17) int channels,
            @ForAll @Size(2) List<@IntRange(min = 5, max = 11) Integer> image,
            @ForAll @Size(2) List<@IntRange(min = 1, max = 4) Integer> kernel,
            @ForAll @Size(2) List<@IntRange(min = 1, max = 3) Integer> stride,
            @ForAll @Size(2) List<@IntRange(min = 0, max = 2) Integer> padding,
            @ForAll boolean same,
            @ForAll boolean max,
            @ForAll boolean paddingCounts) {
        for (int axis = 0; axis < 2; axis++) {
            Assume.that(same ? stride.get(axis) <= kernel.get(axis) : padding.get(axis) < kernel.get(axis));
        }
        SubsamplingLayer layer = new SubsamplingLayer.Builder(max ? PoolingType.MAX : PoolingType.AVG)
                .kernelSize(kernel.get(0), kernel.get(1))
                .stride(stride.get(0), stride.get(1))
                .padding(same ? new int[2] : new int[] {padding.get(0), padding.get(1)})
                .convolutionMode(same ? ConvolutionMode.Same : ConvolutionMode.Truncate)
                .avgPoolIncludePadInDivisor(paddingCounts)
                .build();
        Parity.of(
                        Networks.classifier(
                                InputType.convolutional(image.get(0), image.get(1), 2), first(channels), layer),
                        Networks.batch(examples, 2, image.get(0), image.get(1)))
                .hold("convolution", max ? "pooling_max" : "pooling_avg", "inner_product");
    }

    @Property(tries = 20, seed = "1")
    void globalPooling(
            @ForAll @IntRange(min = 1, max = 3) int examples,
            @ForAll @IntRange(min = 1, max = 17) int channels,
            @ForAll @IntRange(min = 1, max = 7) int height,
            @ForAll @IntRange(min = 1, max = 7) int width,
            @ForAll boolean max,
            @ForAll boolean collapse) {
        GlobalPoolingLayer layer = new GlobalPoolingLayer.Builder(max ? PoolingType.MAX : PoolingType.AVG)
                .collapseDimensions(collapse)
                .build();
        Parity.of(
                        Networks.classifier(InputType.convolutional(height, width, 2), first(channels), layer),
                        Networks.batch(examples, 2, height, width))
                .hold("convolution", max ? "pooling_max" : "pooling_avg", "inner_product");
    }

    private static ConvolutionLayer first(int channels) {
        return new ConvolutionLayer.Builder(1, 1).nOut(channels).build();
    }
}
