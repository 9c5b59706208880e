package org.bncnn.engine;

import org.bncnn.engine.ParameterMemory.Slice;
import org.bncnn.engine.Program.Argument;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.primitive_attr;
import org.bytedeco.dnnl.primitive_desc;
import org.nd4j.common.util.ArrayUtil;

/**
 * A linear map, perhaps with a bias; with the activation behind it, and at inference with the batch normalization
 * folded in.
 */
abstract class LinearStage implements Stage {
    final Assembly assembly;
    final Natives natives;
    final Slice weights;
    final Slice bias;
    private final NormParameters norm;
    private final Eltwise activation;

    private long[] weightsShape;
    private Weights used;
    private Tensor src;
    private Tensor dst;
    private primitive_desc forward;

    /** The largest magnitudes of weights and bias, as they were prepared last. */
    private float largestWeight;

    private float largestBias;

    /**
     * @param weights one row for each output channel
     * @param bias null if there is none
     * @param norm batch normalization to fold in; null if there is none
     */
    LinearStage(Assembly assembly, Slice weights, Slice bias, NormParameters norm, Eltwise activation) {
        this.assembly = assembly;
        this.natives = assembly.natives();
        this.weights = weights;
        this.bias = bias;
        this.norm = norm;
        this.activation = activation;
    }

    /** Weights and bias of a linear map; the bias may be null. */
    record Weights(Tensor weights, Tensor bias) {
        static Weights unfolded(Natives natives, Slice weights, Slice bias, long... shape) {
            return new Weights(
                    natives.at(weights.address(), natives.plain(shape), shape),
                    bias == null ? null : natives.at(bias.address(), natives.plain(shape[0]), shape[0]));
        }
    }

    /** {@return oneDNN's name for the map} */
    abstract String name();

    /** {@return the shape of the weights, output channels first} */
    abstract long[] weightsShape(long... srcShape) throws NotCompilableException;

    abstract long[] dstShape(long... srcShape);

    /** {@return the primitive of the forward pass} */
    abstract primitive_desc forward(
            memory.desc src, memory.desc weights, memory.desc bias, memory.desc dst, primitive_attr attributes);

    /** {@return the primitive of the gradient by weights and bias} */
    abstract primitive_desc weightsGradient(
            memory.desc src, memory.desc diffWeights, memory.desc diffBias, memory.desc diffDst, primitive_desc hint);

    /** {@return the primitive of the gradient by the input} */
    abstract primitive_desc dataGradient(
            memory.desc diffSrc, memory.desc weights, memory.desc diffDst, primitive_desc hint);

    @Override
    public final Tensor forward(Tensor input) throws NotCompilableException {
        weightsShape = weightsShape(input.shape());
        used = norm == null
                ? Weights.unfolded(natives, weights, bias, weightsShape)
                : norm.folded(assembly, weights, bias, weightsShape);
        long[] dstShape = dstShape(input.shape());
        forward = natives.own(forward(
                natives.any(input.shape()),
                natives.any(weightsShape),
                biasLayout(),
                natives.any(dstShape),
                activation.asPostOperation(natives)));
        Program prepare = assembly.prepare();
        prepare.add(() -> {
            largestWeight = Bound.magnitude(used.weights().floats());
            largestBias = used.bias() == null ? 0 : Bound.magnitude(used.bias().floats());
        });
        Tensor prepared = natives.inLayout(used.weights(), forward.weights_desc(), prepare);
        src = natives.inLayout(input, forward.src_desc(), assembly.forward());
        dst = natives.allocate(forward.dst_desc(), dstShape);
        assembly.forward()
                .add(
                        forward,
                        new Argument(dnnl.DNNL_ARG_SRC, src),
                        new Argument(dnnl.DNNL_ARG_WEIGHTS, prepared),
                        new Argument(dnnl.DNNL_ARG_BIAS, used.bias()),
                        new Argument(dnnl.DNNL_ARG_DST, dst));
        return dst;
    }

    @Override
    public final Tensor backward(Tensor diffDst, boolean wanted) {
        Tensor diff = ActivationStage.backwardFused(assembly, activation, dst, diffDst);
        addWeightsGradient(diff, assembly.backward());
        return wanted ? addDataGradient(diff, assembly.backward()) : null;
    }

    private void addWeightsGradient(Tensor diffDst, Program program) {
        primitive_desc backward = natives.own(weightsGradient(
                natives.any(src.shape()),
                natives.any(weightsShape),
                biasLayout(),
                natives.any(diffDst.shape()),
                forward));
        Tensor gradient = natives.at(weights.gradientAddress(), natives.plain(weightsShape), weightsShape);
        Tensor diffWeights = natives.orNew(gradient, backward.diff_weights_desc());
        Tensor diffBias = bias == null ? null : natives.at(bias.gradientAddress(), biasLayout(), bias.length());
        program.add(
                backward,
                new Argument(dnnl.DNNL_ARG_SRC, natives.inLayout(src, backward.src_desc(), program)),
                new Argument(dnnl.DNNL_ARG_DIFF_DST, natives.inLayout(diffDst, backward.diff_dst_desc(), program)),
                new Argument(dnnl.DNNL_ARG_DIFF_WEIGHTS, diffWeights),
                new Argument(dnnl.DNNL_ARG_DIFF_BIAS, diffBias));
        program.reorder(diffWeights, gradient);
    }

    private Tensor addDataGradient(Tensor diffDst, Program program) {
        primitive_desc backward = natives.own(dataGradient(
                natives.any(src.shape()), natives.any(weightsShape), natives.any(diffDst.shape()), forward));
        Tensor prepared = natives.inLayout(used.weights(), backward.weights_desc(), assembly.prepare());
        Tensor diffSrc = natives.allocate(backward.diff_src_desc(), src.shape());
        program.add(
                backward,
                new Argument(dnnl.DNNL_ARG_DIFF_DST, natives.inLayout(diffDst, backward.diff_dst_desc(), program)),
                new Argument(dnnl.DNNL_ARG_WEIGHTS, prepared),
                new Argument(dnnl.DNNL_ARG_DIFF_SRC, diffSrc));
        return diffSrc;
    }

    private memory.desc biasLayout() {
        return bias == null && norm == null ? natives.none() : natives.plain(weightsShape[0]);
    }

    @Override
    public final double bound(double magnitude) {
        double summands = (double) ArrayUtil.prodLong(weightsShape) / weightsShape[0];
        return activation.bound(summands * largestWeight * magnitude + largestBias);
    }

    @Override
    public final long multiplyAdds() {
        return ArrayUtil.prodLong(weightsShape) * (ArrayUtil.prodLong(dst.shape()) / weightsShape[0]);
    }

    @Override
    public final boolean hasParameters() {
        return true;
    }

    @Override
    public final String implementation() {
        return name() + (norm == null ? "" : " with batch normalization") + activation.suffix() + " "
                + forward.impl_info_str().getString();
    }
}
