package org.bncnn.engine;

import org.bncnn.engine.Program.Argument;
import org.bytedeco.dnnl.eltwise_backward;
import org.bytedeco.dnnl.eltwise_forward;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.bytedeco.dnnl.global.dnnl.prop_kind;

/** An activation function on its own. */
final class ActivationStage implements Stage {
    private final Assembly assembly;
    private final Eltwise function;

    private Tensor src;
    private eltwise_forward.primitive_desc forward;

    ActivationStage(Assembly assembly, Eltwise function) {
        this.assembly = assembly;
        this.function = function;
    }

    @Override
    public Tensor forward(Tensor src) {
        this.src = src;
        Natives natives = assembly.natives();
        var desc = natives.own(new eltwise_forward.desc(
                assembly.forwardKind(), function.forward(), src.desc(), function.alpha(), function.beta()));
        forward = natives.own(new eltwise_forward.primitive_desc(desc, natives.cpu()));
        Tensor dst = natives.allocate(forward.dst_desc(), src.shape());
        assembly.forward().add(forward, new Argument(dnnl.DNNL_ARG_SRC, src), new Argument(dnnl.DNNL_ARG_DST, dst));
        return dst;
    }

    @Override
    public Tensor backward(Tensor diffDst, boolean wanted) {
        return wanted
                ? backward(assembly, function, function.forward(), forward, src, dnnl.DNNL_ARG_SRC, diffDst)
                : null;
    }

    /**
     * Adds the derivative of a function that was fused into the primitive before.
     *
     * @param dst the function's output
     */
    static Tensor backwardFused(Assembly assembly, Eltwise function, Tensor dst, Tensor diffDst) {
        if (function.isIdentity()) {
            return diffDst;
        }
        Natives natives = assembly.natives();
        algorithm algorithm = function.backward();
        var desc = natives.own(new eltwise_forward.desc(
                prop_kind.forward_training, algorithm, dst.desc(), function.alpha(), function.beta()));
        var hint = natives.own(new eltwise_forward.primitive_desc(desc, natives.cpu()));
        return backward(assembly, function, algorithm, hint, dst, dnnl.DNNL_ARG_DST, diffDst);
    }

    /** @param data input or output of the function, whichever the algorithm has its derivative by */
    private static Tensor backward(
            Assembly assembly,
            Eltwise function,
            algorithm algorithm,
            eltwise_forward.primitive_desc hint,
            Tensor data,
            int dataIndex,
            Tensor diffDst) {
        Natives natives = assembly.natives();
        Program program = assembly.backward();
        Tensor diff = natives.inLayout(diffDst, data.desc(), program);
        var desc = natives.own(
                new eltwise_backward.desc(algorithm, diff.desc(), data.desc(), function.alpha(), function.beta()));
        program.add(
                natives.own(new eltwise_backward.primitive_desc(desc, natives.cpu(), hint)),
                new Argument(dataIndex, data),
                new Argument(dnnl.DNNL_ARG_DIFF_DST, diff),
                new Argument(dnnl.DNNL_ARG_DIFF_SRC, diff));
        return diff;
    }

    @Override
    public double bound(double src) {
        return function.bound(src);
    }

    @Override
    public String implementation() {
        return function.name() + " " + forward.impl_info_str().getString();
    }
}
