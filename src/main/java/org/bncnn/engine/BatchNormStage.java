package org.bncnn.engine;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SCALE_SHIFT;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_MEAN;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SCALE_SHIFT;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_VARIANCE;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WORKSPACE;

import java.util.List;
import org.bncnn.engine.Program.Argument;
import org.bytedeco.dnnl.batch_normalization_backward;
import org.bytedeco.dnnl.batch_normalization_forward;
import org.bytedeco.dnnl.global.dnnl.normalization_flags;
import org.bytedeco.dnnl.global.dnnl.prop_kind;
import org.bytedeco.dnnl.memory;
import org.nd4j.common.util.ArrayUtil;

/** Batch normalization, DL4J's layer or ours, and a ReLU after it if there is one. */
final class BatchNormStage implements Stage {
    /** The squares of a channel's values have a sum that is a float, however many they are. */
    private static final double LARGEST_SQUARED = 1e12;

    private final Assembly assembly;
    private final NormParameters parameters;
    private final boolean relu;

    private long[] srcShape;
    private Tensor src;
    private Tensor mean;
    private Tensor variance;
    private Tensor scaleShift;
    private Tensor workspace;
    private batch_normalization_forward.primitive_desc forward;

    /** What a value's distance from its mean is multiplied by at most, and what is added. */
    private double largestScale;

    private double largestShift;

    BatchNormStage(Assembly assembly, NormParameters parameters, boolean relu) {
        this.assembly = assembly;
        this.parameters = parameters;
        this.relu = relu;
    }

    @Override
    public Tensor forward(Tensor input) throws NotCompilableException {
        Natives natives = assembly.natives();
        srcShape = input.shape();
        if (srcShape[1] != parameters.channels()) {
            throw new NotCompilableException("its input has " + srcShape[1] + " channels");
        }
        src = asImage(input, assembly.forward());
        if (assembly.training() && valuesPerChannel() < 2) {
            throw new NotCompilableException("it would have to normalise one value per channel");
        }
        var desc = natives.own(new batch_normalization_forward.desc(
                assembly.forwardKind().value, src.desc(), parameters.eps(), flags()));
        forward = natives.own(new batch_normalization_forward.primitive_desc(desc, natives.cpu()));
        mean = natives.allocate(forward.mean_desc(), parameters.channels());
        variance = natives.allocate(forward.variance_desc(), parameters.channels());
        scaleShift = scaleShift();
        if (assembly.training() && relu) {
            workspace = natives.allocate(forward.workspace_desc(), src.shape());
        }
        if (assembly.training()) {
            assembly.prepare().add(() -> {
                largestScale = Bound.magnitude(parameters.gammas());
                largestShift = Bound.magnitude(parameters.betas());
            });
        } else {
            assembly.prepare().add(() -> {
                float[] means = parameters.mean().values().read();
                float[] variances = parameters.variances();
                mean.floats().write(means);
                variance.floats().write(variances);
                measure(means, variances);
            });
        }
        Tensor dst = natives.allocate(forward.dst_desc(), src.shape());
        assembly.forward()
                .add(
                        forward,
                        new Argument(DNNL_ARG_SRC, src),
                        new Argument(DNNL_ARG_DST, dst),
                        new Argument(DNNL_ARG_MEAN, mean),
                        new Argument(DNNL_ARG_VARIANCE, variance),
                        new Argument(DNNL_ARG_SCALE_SHIFT, scaleShift),
                        new Argument(DNNL_ARG_WORKSPACE, workspace));
        return asInput(dst);
    }

    @Override
    public Tensor backward(Tensor diffDst, boolean wanted) {
        Natives natives = assembly.natives();
        Tensor diff = natives.inLayout(asImage(diffDst, assembly.backward()), src.desc(), assembly.backward());
        var desc = natives.own(new batch_normalization_backward.desc(
                prop_kind.backward.value, diff.desc(), src.desc(), parameters.eps(), flags()));
        var backward = natives.own(new batch_normalization_backward.primitive_desc(desc, natives.cpu(), forward));
        memory.desc layout = natives.plain(2, parameters.channels());
        Tensor diffScaleShift = parameters.norm().locked()
                ? natives.allocate(layout, 2, parameters.channels())
                : natives.at(parameters.gamma().gradientAddress(), layout, 2, parameters.channels());
        assembly.backward()
                .add(
                        backward,
                        new Argument(DNNL_ARG_SRC, src),
                        new Argument(DNNL_ARG_DIFF_DST, diff),
                        new Argument(DNNL_ARG_MEAN, mean),
                        new Argument(DNNL_ARG_VARIANCE, variance),
                        new Argument(DNNL_ARG_SCALE_SHIFT, scaleShift),
                        new Argument(DNNL_ARG_WORKSPACE, workspace),
                        new Argument(DNNL_ARG_DIFF_SRC, diff),
                        new Argument(DNNL_ARG_DIFF_SCALE_SHIFT, diffScaleShift));
        assembly.backward()
                .add(() -> parameters.moveTowards(
                        mean.floats().read(), variance.floats().read(), valuesPerChannel()));
        return wanted ? asInput(diff) : null;
    }

    /** γ and β lie side by side among the network's parameters, which is how oneDNN wants them. */
    private Tensor scaleShift() {
        Natives natives = assembly.natives();
        int channels = parameters.channels();
        memory.desc layout = natives.plain(2, channels);
        if (!parameters.norm().locked()) {
            return natives.at(parameters.gamma().address(), layout, 2, channels);
        }
        Tensor constant = natives.allocate(layout, 2, channels);
        constant.floats().write(ArrayUtil.combine(List.of(parameters.gammas(), parameters.betas())));
        return constant;
    }

    /** oneDNN is slow on {@code [N, C]}, and fast on 1×1 images with channels last, which are the same memory. */
    private Tensor asImage(Tensor tensor, Program program) {
        if (srcShape.length == 4) {
            return tensor;
        }
        Natives natives = assembly.natives();
        Tensor plain = natives.inLayout(tensor, natives.plain(srcShape), program);
        long[] shape = {srcShape[0], srcShape[1], 1, 1};
        memory.desc channelsLast = natives.own(new memory.desc(shape, memory.data_type.f32, memory.format_tag.nhwc));
        return new Tensor(plain.memory(), channelsLast, shape);
    }

    private Tensor asInput(Tensor tensor) {
        return srcShape.length == 4 ? tensor : tensor.reshaped(assembly.natives(), srcShape);
    }

    private int flags() {
        return normalization_flags.use_scale_shift.value
                | (relu ? normalization_flags.fuse_norm_relu.value : 0)
                | (assembly.training() ? 0 : normalization_flags.use_global_stats.value);
    }

    private long valuesPerChannel() {
        return ArrayUtil.prodLong(srcShape) / srcShape[1];
    }

    private void measure(float[] means, float... variances) {
        float[] gammas = parameters.gammas();
        float[] betas = parameters.betas();
        largestScale = 0;
        largestShift = 0;
        for (int c = 0; c < means.length; c++) {
            double scale = Math.abs(parameters.norm().scale(gammas[c], variances[c]));
            largestScale = Math.max(largestScale, scale);
            largestShift = Math.max(largestShift, scale * Math.abs(means[c]) + Math.abs(betas[c]));
        }
    }

    /**
     * In training, the distance of one of m values from their mean is no more than √m times their standard deviation.
     */
    @Override
    public double bound(double magnitude) {
        if (!assembly.training()) {
            return largestScale * magnitude + largestShift;
        }
        return magnitude > LARGEST_SQUARED
                ? Double.POSITIVE_INFINITY
                : largestScale * Math.sqrt(valuesPerChannel()) + largestShift;
    }

    @Override
    public boolean hasParameters() {
        return true;
    }

    @Override
    public String implementation() {
        return "batch_normalization" + (relu ? " + relu " : " ")
                + forward.impl_info_str().getString();
    }
}
