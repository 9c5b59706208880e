package org.bncnn.engine;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS;
import static org.bytedeco.dnnl.global.dnnl.dnnl_cpu_isa_avx512_core;
import static org.bytedeco.dnnl.global.dnnl.dnnl_get_effective_cpu_isa;

import java.util.Arrays;
import org.bncnn.engine.ParameterMemory.Slice;
import org.bncnn.engine.Program.Argument;
import org.bytedeco.dnnl.convolution_forward;
import org.bytedeco.dnnl.global.dnnl.prop_kind;

/**
 * The gradient by the weights of a convolution of images with one channel, computed as a convolution itself: of the images, with the
 * batch in the place of the channels, with ∂ℓ/∂dst as its kernel and the dilation as its stride.
 *
 * <p>Below AVX-512 oneDNN has no fast primitive for the gradient then; this takes half the time of the one it has.
 */
final class FirstWeightsGradient {
    private FirstWeightsGradient() {}

    /** {@return whether it is the faster way} */
    static boolean suits(Tensor src, Window window) {
        return src.shape()[1] == 1
                && Arrays.stream(window.stride()).allMatch(step -> step == 1)
                && dnnl_get_effective_cpu_isa() < dnnl_cpu_isa_avx512_core;
    }

    /** Adds the primitives. */
    static void add(Assembly assembly, Window window, Slice weights, Tensor src, Tensor diffDst) {
        Natives natives = assembly.natives();
        Program program = assembly.backward();
        long[] in = src.shape();
        long[] out = diffDst.shape();
        long[] kernel = window.kernel();
        Tensor images = natives.inLayout(src, natives.plain(in), program).reshaped(natives, 1, in[0], in[2], in[3]);
        long[] kernelShape = {out[1], out[0], out[2], out[3]};
        Tensor swapped = new Tensor(
                diffDst.memory(), natives.own(diffDst.desc().permute_axes(new int[] {1, 0, 2, 3})), kernelShape);
        long[] gradientShape = {1, out[1], kernel[0], kernel[1]};
        Window transposed =
                new Window(window.out(), window.dilation(), window.stride(), window.before(), window.after(), kernel);
        convolution_forward.primitive_desc forward = natives.own(ConvolutionStage.forward(
                natives,
                transposed,
                prop_kind.forward_inference,
                natives.any(images.shape()),
                natives.any(kernelShape),
                natives.none(),
                natives.any(gradientShape),
                Eltwise.IDENTITY.asPostOperation(natives)));
        Tensor gradient = natives.at(weights.gradientAddress(), natives.plain(gradientShape), gradientShape);
        Tensor dst = natives.orNew(gradient, forward.dst_desc());
        program.add(
                forward,
                new Argument(DNNL_ARG_SRC, natives.inLayout(images, forward.src_desc(), program)),
                new Argument(DNNL_ARG_WEIGHTS, natives.inLayout(swapped, forward.weights_desc(), program)),
                new Argument(DNNL_ARG_DST, dst));
        program.reorder(dst, gradient);
    }
}
