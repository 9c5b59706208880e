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
import org.nd4j.linalg.activations.Activation;

/** Two convolutions, the first with whatever hyperparameters, so that the second asks for the gradient of its input. */
class ConvolutionParityProperties {
    @Property(tries = 60, seed = "1")
    void convolution(
            @ForAll @IntRange(min = 1, max = 3) int examples,
            @ForAll @IntRange(min = 1, max = 17) int in,
            @ForAll @IntRange(min = 1, max = 17) int out,
            @ForAll @Size(2) List<@IntRange(min = 5, max = 11) Integer> image,
            @ForAll @Size(2) List<@IntRange(min = 1, max = 4) Integer> kernel,
            @ForAll @Size(2) List<@IntRange(min = 1, max = 3) Integer> stride,
            @ForAll @Size(2) List<@IntRange(min = 0, max = 2) Integer> padding,
            @ForAll @Size(2) List<@IntRange(min = 1, max = 2) Integer> dilation,
            @ForAll Mode mode,
            @ForAll boolean bias) {
        boolean same = mode == Mode.SAME;
        for (int axis = 0; axis < 2; axis++) {
            int extent = (kernel.get(axis) - 1) * dilation.get(axis) + 1;
            int slack = image.get(axis) + 2 * padding.get(axis) - extent;
            Assume.that(same ? stride.get(axis) <= extent : slack >= 0);
            Assume.that(mode != Mode.STRICT || slack % stride.get(axis) == 0);
        }
        ConvolutionLayer layer = new ConvolutionLayer.Builder(kernel.get(0), kernel.get(1))
                .stride(stride.get(0), stride.get(1))
                .padding(same ? new int[2] : new int[] {padding.get(0), padding.get(1)})
                .dilation(dilation.get(0), dilation.get(1))
                .convolutionMode(mode.mode)
                .hasBias(bias)
                .nOut(out)
                .activation(Activation.TANH)
                .build();
        ConvolutionLayer first = new ConvolutionLayer.Builder(1, 1).nOut(in).build();
        Parity.of(
                        Networks.classifier(InputType.convolutional(image.get(0), image.get(1), 2), first, layer),
                        Networks.batch(examples, 2, image.get(0), image.get(1)))
                .hold("convolution", "convolution \\+ tanh", "inner_product");
    }

    enum Mode {
        SAME(ConvolutionMode.Same),
        TRUNCATE(ConvolutionMode.Truncate),
        STRICT(ConvolutionMode.Strict);

        private final ConvolutionMode mode;

        Mode(ConvolutionMode mode) {
            this.mode = mode;
        }
    }
}
