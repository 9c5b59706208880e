package org.bncnn.engine;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_BIAS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_BIAS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_WEIGHTS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS;

import org.bncnn.engine.Fold.Weights;
import org.bncnn.engine.ParameterMemory.Slice;
import org.bncnn.engine.Program.Argument;
import org.bytedeco.dnnl.convolution_backward_data;
import org.bytedeco.dnnl.convolution_backward_weights;
import org.bytedeco.dnnl.convolution_forward;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.bytedeco.dnnl.global.dnnl.prop_kind;
import org.bytedeco.dnnl.memory;

/** A convolution, at inference with the batch normalization behind it folded in, and with the activation behind that. */
final class ConvolutionStage implements Stage {
    private final Assembly assembly;
    private final Window window;
    private final Slice weights;
    private final Slice bias;
    private final Fold fold;
    private final Eltwise activation;
    private final long[] weightsShape;

    private Weights used;
    private Tensor src;
    private Tensor dst;
    private convolution_forward.primitive_desc forward;

    /**
     * @param weights {@code [out, in, height, width]}
     * @param bias null if there is none
     * @param fold null if there is none
     * @param outChannels of the result
     * @param inChannels of the image
     */
    ConvolutionStage(
            Assembly assembly,
            Window window,
            Slice weights,
            Slice bias,
            Fold fold,
            Eltwise activation,
            long outChannels,
            long inChannels) {
        this.assembly = assembly;
        this.window = window;
        this.weights = weights;
        this.bias = bias;
        this.fold = fold;
        this.activation = activation;
        this.weightsShape = new long[] {outChannels, inChannels, window.kernel()[0], window.kernel()[1]};
    }

    @Override
    public Tensor forward(Tensor input) {
        Natives natives = assembly.natives();
        used = fold == null
                ? Weights.unfolded(natives, weights, bias, weightsShape)
                : fold.weights(assembly, weights, bias, weightsShape);
        long[] dstShape = {input.shape()[0], weightsShape[0], window.out()[0], window.out()[1]};
        var desc = natives.own(new convolution_forward.desc(
                assembly.training() ? prop_kind.forward_training : prop_kind.forward_inference,
                algorithm.convolution_direct,
                natives.any(input.shape()),
                natives.any(weightsShape),
                biasLayout(),
                natives.any(dstShape),
                window.stride(),
                window.gaps(),
                window.before(),
                window.after()));
        forward = natives.own(
                new convolution_forward.primitive_desc(desc, activation.asPostOperation(natives), natives.cpu()));
        src = natives.inLayout(input, forward.src_desc(), assembly.forward());
        dst = natives.allocate(forward.dst_desc(), dstShape);
        assembly.forward()
                .add(
                        new convolution_forward(forward),
                        new Argument(DNNL_ARG_SRC, src),
                        new Argument(
                                DNNL_ARG_WEIGHTS,
                                natives.inLayout(used.weights(), forward.weights_desc(), assembly.prepare())),
                        new Argument(DNNL_ARG_BIAS, used.bias()),
                        new Argument(DNNL_ARG_DST, dst));
        return dst;
    }

    @Override
    public Tensor backward(Tensor diffDst, boolean wanted) {
        Tensor diff = ActivationStage.backwardFused(assembly, activation, dst, diffDst);
        weightsGradient(diff);
        return wanted ? dataGradient(diff) : null;
    }

    private void weightsGradient(Tensor diffDst) {
        Natives natives = assembly.natives();
        var desc = natives.own(new convolution_backward_weights.desc(
                algorithm.convolution_direct,
                natives.any(src.shape()),
                natives.any(weightsShape),
                biasLayout(),
                natives.any(diffDst.shape()),
                window.stride(),
                window.gaps(),
                window.before(),
                window.after()));
        var backward = natives.own(new convolution_backward_weights.primitive_desc(desc, natives.cpu(), forward));
        Tensor gradient = natives.at(weights.gradientAddress(), natives.plain(weightsShape), weightsShape);
        Tensor diffWeights = gradient.desc().equals(backward.diff_weights_desc())
                ? gradient
                : natives.allocate(backward.diff_weights_desc(), weightsShape);
        assembly.backward()
                .add(
                        new convolution_backward_weights(backward),
                        new Argument(DNNL_ARG_SRC, natives.inLayout(src, backward.src_desc(), assembly.backward())),
                        new Argument(
                                DNNL_ARG_DIFF_DST,
                                natives.inLayout(diffDst, backward.diff_dst_desc(), assembly.backward())),
                        new Argument(DNNL_ARG_DIFF_WEIGHTS, diffWeights),
                        new Argument(
                                DNNL_ARG_DIFF_BIAS,
                                bias == null ? null : natives.at(bias.gradientAddress(), biasLayout(), bias.length())));
        if (diffWeights != gradient) {
            assembly.backward().reorder(diffWeights, gradient);
        }
    }

    private Tensor dataGradient(Tensor diffDst) {
        Natives natives = assembly.natives();
        var desc = natives.own(new convolution_backward_data.desc(
                algorithm.convolution_direct,
                natives.any(src.shape()),
                natives.any(weightsShape),
                natives.any(diffDst.shape()),
                window.stride(),
                window.gaps(),
                window.before(),
                window.after()));
        var backward = natives.own(new convolution_backward_data.primitive_desc(desc, natives.cpu(), forward));
        Tensor diffSrc = natives.allocate(backward.diff_src_desc(), src.shape());
        assembly.backward()
                .add(
                        new convolution_backward_data(backward),
                        new Argument(
                                DNNL_ARG_DIFF_DST,
                                natives.inLayout(diffDst, backward.diff_dst_desc(), assembly.backward())),
                        new Argument(
                                DNNL_ARG_WEIGHTS,
                                natives.inLayout(used.weights(), backward.weights_desc(), assembly.prepare())),
                        new Argument(DNNL_ARG_DIFF_SRC, diffSrc));
        return diffSrc;
    }

    private memory.desc biasLayout() {
        return bias == null && fold == null
                ? assembly.natives().none()
                : assembly.natives().plain(weightsShape[0]);
    }

    @Override
    public boolean hasParameters() {
        return true;
    }

    @Override
    public String implementation() {
        return "convolution" + (fold == null ? "" : " with batch normalization") + activation.suffix() + " "
                + forward.impl_info_str().getString();
    }
}
