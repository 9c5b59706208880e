package org.bncnn.backend;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.bncnn.array.Floats;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.CustomOp;
import org.nd4j.linalg.api.ops.OpContext;
import org.nd4j.linalg.cpu.nativecpu.ops.NativeOpExecutioner;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * ND4J's executioner for the CPU, which runs an operation on oneDNN only where oneDNN's result is right.
 *
 * <p>ND4J's {@code onednn} builds of M2.1 have kernels that ignore some of their arguments. They return wrong numbers,
 * or read beyond the end of an array, without an error:
 *
 * <ul>
 *   <li>pooling of images and volumes ignores dilation, in both passes;
 *   <li>convolution and deconvolution with channels last, batch normalization and the gradient of softmax misread
 *       arrays that are not in 'c' order, such as permuted ones, views, and the gradients that ReLU passes on with
 *       channels last.
 * </ul>
 *
 * <p>There, and for dilated convolution, which fails, ND4J's own kernel runs instead, as in its builds without oneDNN.
 * Dilated deconvolution and dilated convolution of series still fail, with an exception: they call the convolution of
 * images.
 *
 * <p>ND4J makes the executioner by the name in a system property, which is why this class is public;
 * {@link Backend#start} sets it.
 */
public final class OneDnnExecutioner extends NativeOpExecutioner {
    /** ND4J calls this. */
    public OneDnnExecutioner() {}

    private static final Logger log = LoggerFactory.getLogger(OneDnnExecutioner.class);

    private static final Set<String> NEED_C_ORDER = Set.of(
            "batchnorm",
            "batchnorm_bp",
            "conv2d",
            "conv2d_bp",
            "conv3dnew",
            "conv3dnew_bp",
            "deconv2d",
            "deconv2d_bp",
            "deconv3d",
            "deconv3d_bp",
            "softmax_bp");

    /** In both passes. */
    private static final Set<String> CANNOT_DILATE =
            Set.of("avgpool2d", "avgpool3dnew", "conv2d", "conv3dnew", "maxpool2d", "maxpool3dnew");

    private final Set<String> told = ConcurrentHashMap.newKeySet();

    @Override
    public INDArray[] exec(CustomOp op, OpContext context) {
        String name = op.opName();
        if (CANNOT_DILATE.contains(name.replace("_bp", "")) && dilates(name, context.getIArguments())) {
            withoutOneDnn(context, name, "cannot dilate");
        } else if (NEED_C_ORDER.contains(name)) {
            if (isInCOrder(context.getInputArrays()) && isInCOrder(context.getOutputArrays())) {
                context.allowHelpers(true); // a context may be used again
            } else {
                withoutOneDnn(context, name, "misreads arrays that are not in 'c' order");
            }
        }
        return super.exec(op, context);
    }

    private void withoutOneDnn(OpContext context, String name, String why) {
        context.allowHelpers(false);
        if (told.add(name)) {
            log.info("ND4J's own kernel runs {}: oneDNN's {}", name, why);
        }
    }

    /** Arguments begin with kernel, stride, padding and dilation, a number for each axis. */
    private static boolean dilates(String name, List<Long> arguments) {
        int axes = name.contains("3d") ? 3 : 2;
        return arguments.subList(3 * axes, 4 * axes).stream().anyMatch(dilation -> dilation > 1);
    }

    private static boolean isInCOrder(List<INDArray> arrays) {
        return arrays.stream().allMatch(array -> array == null || Floats.isContiguous(array, 'c'));
    }
}
