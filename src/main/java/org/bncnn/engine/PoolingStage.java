package org.bncnn.engine;

import org.bncnn.engine.Program.Argument;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.bytedeco.dnnl.pooling_backward;
import org.bytedeco.dnnl.pooling_forward;

/** Maximum or average over a window. */
final class PoolingStage implements Stage {
    private final Assembly assembly;
    private final algorithm algorithm;
    private final Window window;

    private Tensor src;
    private Tensor workspace;
    private pooling_forward.primitive_desc forward;

    PoolingStage(Assembly assembly, algorithm algorithm, Window window) {
        this.assembly = assembly;
        this.algorithm = algorithm;
        this.window = window;
    }

    @Override
    public Tensor forward(Tensor src) throws NotCompilableException {
        if (window.hasEmptyPositions()) {
            throw new NotCompilableException("its window can lie outside the image");
        }
        this.src = src;
        Natives natives = assembly.natives();
        long[] dstShape = {src.shape()[0], src.shape()[1], window.out()[0], window.out()[1]};
        var desc = natives.own(new pooling_forward.desc(
                assembly.forwardKind(),
                algorithm,
                src.desc(),
                natives.any(dstShape),
                window.stride(),
                window.kernel(),
                window.before(),
                window.after()));
        forward = natives.own(new pooling_forward.primitive_desc(desc, natives.cpu()));
        Tensor dst = natives.allocate(forward.dst_desc(), dstShape);
        if (assembly.training() && algorithm == org.bytedeco.dnnl.global.dnnl.algorithm.pooling_max) {
            workspace = natives.allocate(forward.workspace_desc(), dstShape);
        }
        Program program = assembly.forward();
        program.add(
                forward,
                new Argument(dnnl.DNNL_ARG_SRC, src),
                new Argument(dnnl.DNNL_ARG_DST, dst),
                new Argument(dnnl.DNNL_ARG_WORKSPACE, workspace));
        return dst;
    }

    @Override
    public Tensor backward(Tensor diffDst, boolean wanted) {
        if (!wanted) {
            return null;
        }
        Natives natives = assembly.natives();
        Program program = assembly.backward();
        Tensor diff = natives.inLayout(diffDst, forward.dst_desc(), program);
        var desc = natives.own(new pooling_backward.desc(
                algorithm, src.desc(), diff.desc(), window.stride(), window.kernel(), window.before(), window.after()));
        var backward = natives.own(new pooling_backward.primitive_desc(desc, natives.cpu(), forward));
        Tensor diffSrc = natives.allocate(backward.diff_src_desc(), src.shape());
        program.add(
                backward,
                new Argument(dnnl.DNNL_ARG_DIFF_DST, diff),
                new Argument(dnnl.DNNL_ARG_DIFF_SRC, diffSrc),
                new Argument(dnnl.DNNL_ARG_WORKSPACE, workspace));
        return diffSrc;
    }

    @Override
    public double bound(double src) {
        return src; // each window has a part in the image
    }

    @Override
    public String implementation() {
        return algorithm.name() + " " + forward.impl_info_str().getString();
    }
}
