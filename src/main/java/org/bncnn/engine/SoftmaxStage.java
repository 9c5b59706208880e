package org.bncnn.engine;

import org.bncnn.engine.Program.Argument;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.softmax_backward;
import org.bytedeco.dnnl.softmax_forward;

/** Softmax over the units of {@code [N, C]}. */
final class SoftmaxStage implements Stage {
    private static final int UNITS = 1;

    private final Assembly assembly;

    private Tensor dst;
    private softmax_forward.primitive_desc forward;

    SoftmaxStage(Assembly assembly) {
        this.assembly = assembly;
    }

    @Override
    public Tensor forward(Tensor src) {
        Natives natives = assembly.natives();
        forward = natives.own(new softmax_forward.primitive_desc(
                natives.own(new softmax_forward.desc(assembly.forwardKind(), src.desc(), UNITS)), natives.cpu()));
        dst = natives.allocate(forward.dst_desc(), src.shape());
        assembly.forward().add(forward, new Argument(dnnl.DNNL_ARG_SRC, src), new Argument(dnnl.DNNL_ARG_DST, dst));
        return dst;
    }

    @Override
    public Tensor backward(Tensor diffDst, boolean wanted) {
        if (!wanted) {
            return null;
        }
        Natives natives = assembly.natives();
        Program program = assembly.backward();
        Tensor diff = natives.inLayout(diffDst, dst.desc(), program);
        var backward = natives.own(new softmax_backward.primitive_desc(
                natives.own(new softmax_backward.desc(diff.desc(), dst.desc(), UNITS)), natives.cpu(), forward));
        program.add(
                backward,
                new Argument(dnnl.DNNL_ARG_DST, dst),
                new Argument(dnnl.DNNL_ARG_DIFF_DST, diff),
                new Argument(dnnl.DNNL_ARG_DIFF_SRC, diff));
        return diff;
    }

    @Override
    public double bound(double src) {
        return 1;
    }

    @Override
    public String implementation() {
        return "softmax " + forward.impl_info_str().getString();
    }
}
