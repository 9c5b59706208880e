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
import org.bytedeco.dnnl.global.dnnl.prop_kind;
import org.bytedeco.dnnl.inner_product_backward_data;
import org.bytedeco.dnnl.inner_product_backward_weights;
import org.bytedeco.dnnl.inner_product_forward;
import org.bytedeco.dnnl.memory;

/**
 * A dense layer, with what is folded and fused into it as into a {@link ConvolutionStage}.
 *
 * <p>It takes images as they are: DL4J's flattening is in the order of {@code [C, H, W]}, so a column of its weights is a kernel as large
 * as the image, and the image need not be laid out anew to be flattened.
 */
final class DenseStage implements Stage {
    private final Assembly assembly;
    private final Slice weights;
    private final Slice bias;
    private final Fold fold;
    private final Eltwise activation;
    private final long units;

    private long[] weightsShape;
    private Weights used;
    private Tensor src;
    private Tensor dst;
    private inner_product_forward.primitive_desc forward;

    /**
     * @param weights {@code [in, out]} in 'f' order, which is {@code [out, in]} in 'c' order
     * @param bias null if there is none
     * @param fold null if there is none
     * @param units of the result
     */
    DenseStage(Assembly assembly, Slice weights, Slice bias, Fold fold, Eltwise activation, long units) {
        this.assembly = assembly;
        this.weights = weights;
        this.bias = bias;
        this.fold = fold;
        this.activation = activation;
        this.units = units;
    }

    @Override
    public Tensor forward(Tensor input) throws NotCompilableException {
        Natives natives = assembly.natives();
        weightsShape = input.shape().clone();
        long perExample = 1;
        for (int axis = 1; axis < weightsShape.length; axis++) {
            perExample *= weightsShape[axis];
        }
        if (perExample * units != weights.length()) {
            throw new NotCompilableException("its input has " + perExample + " values per example");
        }
        weightsShape[0] = units;
        used = fold == null
                ? Weights.unfolded(natives, weights, bias, weightsShape)
                : fold.weights(assembly, weights, bias, weightsShape);
        long[] dstShape = {input.shape()[0], units};
        var desc = natives.own(new inner_product_forward.desc(
                assembly.training() ? prop_kind.forward_training : prop_kind.forward_inference,
                natives.any(input.shape()),
                natives.any(weightsShape),
                biasLayout(),
                natives.plain(dstShape)));
        forward = natives.own(
                new inner_product_forward.primitive_desc(desc, activation.asPostOperation(natives), natives.cpu()));
        src = natives.inLayout(input, forward.src_desc(), assembly.forward());
        dst = natives.allocate(forward.dst_desc(), dstShape);
        assembly.forward()
                .add(
                        new inner_product_forward(forward),
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
        var desc = natives.own(new inner_product_backward_weights.desc(
                natives.any(src.shape()), natives.any(weightsShape), biasLayout(), natives.plain(diffDst.shape())));
        var backward = natives.own(new inner_product_backward_weights.primitive_desc(desc, natives.cpu(), forward));
        Tensor gradient = natives.at(weights.gradientAddress(), natives.plain(weightsShape), weightsShape);
        Tensor diffWeights = gradient.desc().equals(backward.diff_weights_desc())
                ? gradient
                : natives.allocate(backward.diff_weights_desc(), weightsShape);
        assembly.backward()
                .add(
                        new inner_product_backward_weights(backward),
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
        var desc = natives.own(new inner_product_backward_data.desc(
                natives.any(src.shape()), natives.any(weightsShape), natives.plain(diffDst.shape())));
        var backward = natives.own(new inner_product_backward_data.primitive_desc(desc, natives.cpu(), forward));
        Tensor diffSrc = natives.allocate(backward.diff_src_desc(), src.shape());
        assembly.backward()
                .add(
                        new inner_product_backward_data(backward),
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
                : assembly.natives().plain(units);
    }

    @Override
    public boolean hasParameters() {
        return true;
    }

    @Override
    public String implementation() {
        return "inner_product" + (fold == null ? "" : " with batch normalization") + activation.suffix() + " "
                + forward.impl_info_str().getString();
    }
}
