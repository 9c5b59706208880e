package org.bncnn.engine;

import org.bncnn.engine.ParameterMemory.Slice;
import org.bytedeco.dnnl.convolution_backward_data;
import org.bytedeco.dnnl.convolution_backward_weights;
import org.bytedeco.dnnl.convolution_forward;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.bytedeco.dnnl.global.dnnl.prop_kind;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.primitive_attr;
import org.bytedeco.dnnl.primitive_desc;

/** A convolution of images. */
final class ConvolutionStage extends LinearStage {
    private static final algorithm DIRECT = algorithm.convolution_direct;

    private final Window window;
    private final long outChannels;

    /**
     * @param weights {@code [out, in, height, width]}
     * @param bias null if there is none
     * @param norm batch normalization to fold in; null if there is none
     */
    ConvolutionStage(
            Assembly assembly,
            Window window,
            Slice weights,
            Slice bias,
            NormParameters norm,
            Eltwise activation,
            long outChannels) {
        super(assembly, weights, bias, norm, activation);
        this.window = window;
        this.outChannels = outChannels;
    }

    @Override
    String name() {
        return "convolution";
    }

    @Override
    long[] weightsShape(long... srcShape) {
        return new long[] {outChannels, srcShape[1], window.kernel()[0], window.kernel()[1]};
    }

    @Override
    long[] dstShape(long... srcShape) {
        return new long[] {srcShape[0], outChannels, window.out()[0], window.out()[1]};
    }

    @Override
    primitive_desc forward(
            memory.desc src, memory.desc weights, memory.desc bias, memory.desc dst, primitive_attr attributes) {
        prop_kind kind = assembly.forwardKind();
        long[] stride = window.stride();
        var desc = natives.own(new convolution_forward.desc(
                kind, DIRECT, src, weights, bias, dst, stride, window.gaps(), window.before(), window.after()));
        return new convolution_forward.primitive_desc(desc, attributes, natives.cpu());
    }

    @Override
    primitive_desc weightsGradient(
            memory.desc src, memory.desc diffWeights, memory.desc diffBias, memory.desc diffDst, primitive_desc hint) {
        long[] stride = window.stride();
        var desc = natives.own(new convolution_backward_weights.desc(
                DIRECT, src, diffWeights, diffBias, diffDst, stride, window.gaps(), window.before(), window.after()));
        var forward = (convolution_forward.primitive_desc) hint;
        return new convolution_backward_weights.primitive_desc(desc, natives.cpu(), forward);
    }

    @Override
    primitive_desc dataGradient(memory.desc diffSrc, memory.desc weights, memory.desc diffDst, primitive_desc hint) {
        var desc = natives.own(new convolution_backward_data.desc(
                DIRECT, diffSrc, weights, diffDst, window.stride(), window.gaps(), window.before(), window.after()));
        var forward = (convolution_forward.primitive_desc) hint;
        return new convolution_backward_data.primitive_desc(desc, natives.cpu(), forward);
    }
}
