package org.bncnn.engine;

import java.util.Map;
import java.util.Optional;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.bytedeco.dnnl.post_ops;
import org.bytedeco.dnnl.primitive_attr;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationELU;
import org.nd4j.linalg.activations.impl.ActivationHardTanH;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationLReLU;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.activations.impl.ActivationReLU6;
import org.nd4j.linalg.activations.impl.ActivationSigmoid;
import org.nd4j.linalg.activations.impl.ActivationSoftPlus;
import org.nd4j.linalg.activations.impl.ActivationSwish;
import org.nd4j.linalg.activations.impl.ActivationTanH;

/**
 * An activation function as oneDNN has it, element by element.
 *
 * @param forward oneDNN's algorithm; null for the identity
 * @param backward the algorithm of the derivative as a function of the output, which fusing needs; null if there is
 *     none
 * @param alpha the algorithm's first parameter
 * @param beta its second
 */
record Eltwise(algorithm forward, algorithm backward, float alpha, float beta) {
    static final Eltwise IDENTITY = new Eltwise(null, null, 0, 0);

    private static final Eltwise RELU = relu(0);

    /** DL4J's softplus, log(1 + eˣ), is infinite beyond it. */
    private static final double LARGEST_EXPONENT = 88;

    /** Functions without parameters. */
    private static final Map<Class<? extends IActivation>, Eltwise> FIXED = Map.of(
            ActivationIdentity.class,
            IDENTITY,
            ActivationSigmoid.class,
            new Eltwise(algorithm.eltwise_logistic, algorithm.eltwise_logistic_use_dst_for_bwd, 0, 0),
            ActivationTanH.class,
            new Eltwise(algorithm.eltwise_tanh, algorithm.eltwise_tanh_use_dst_for_bwd, 0, 0),
            // Unlike eltwise_bounded_relu, with DL4J's derivative at 6, which is 0.
            ActivationReLU6.class,
            new Eltwise(algorithm.eltwise_clip_v2, algorithm.eltwise_clip_v2_use_dst_for_bwd, 0, 6),
            ActivationHardTanH.class,
            new Eltwise(algorithm.eltwise_clip, null, -1, 1),
            ActivationSoftPlus.class,
            new Eltwise(algorithm.eltwise_soft_relu, null, 0, 0),
            ActivationSwish.class,
            new Eltwise(algorithm.eltwise_swish, null, 1, 0));

    /** {@return the function in oneDNN; empty if oneDNN has none that agrees with DL4J's, value and derivative} */
    static Optional<Eltwise> of(IActivation activation) {
        if (new ActivationReLU().equals(activation)) {
            return Optional.of(RELU);
        }
        if (activation instanceof ActivationLReLU leaky && leaky.getAlpha() >= 0) {
            return Optional.of(relu((float) leaky.getAlpha()));
        }
        if (activation instanceof ActivationELU elu && elu.getAlpha() == 1) {
            // With another α, DL4J's derivative is still that of α = 1.
            return Optional.of(new Eltwise(algorithm.eltwise_elu, algorithm.eltwise_elu_use_dst_for_bwd, 1, 0));
        }
        // Not the cube: oneDNN's eltwise_pow ends the process where x³ is smaller or larger than a normal number.
        return Optional.ofNullable(FIXED.get(activation.getClass()));
    }

    private static Eltwise relu(float slope) {
        return new Eltwise(algorithm.eltwise_relu, algorithm.eltwise_relu_use_dst_for_bwd, slope, 0);
    }

    boolean isIdentity() {
        return forward == null;
    }

    boolean isRelu() {
        return equals(RELU);
    }

    /** {@return whether it can be part of the primitive before} */
    boolean isFusable(boolean training) {
        boolean overflowsInDl4j = forward == algorithm.eltwise_soft_relu; // so that its argument is looked at by itself
        return !training && !overflowsInDl4j || isIdentity() || backward != null;
    }

    /** {@return the largest magnitude of the function's values} where that of its arguments is {@code magnitude} */
    double bound(double magnitude) {
        if (isIdentity()) {
            return magnitude;
        }
        return switch (forward) {
            case eltwise_relu -> Math.max(1, alpha) * magnitude;
            case eltwise_soft_relu -> magnitude > LARGEST_EXPONENT ? Double.POSITIVE_INFINITY : magnitude + 1;
            default -> Math.max(1, Math.abs(beta)) + magnitude;
        };
    }

    /** {@return what makes a primitive apply it to its result} */
    primitive_attr asPostOperation(Natives natives) {
        primitive_attr attributes = natives.own(new primitive_attr());
        if (!isIdentity()) {
            post_ops after = natives.own(new post_ops());
            after.append_eltwise(1, forward, alpha, beta);
            attributes.set_post_ops(after);
        }
        return attributes;
    }

    /** {@return what follows the name of the primitive that it is fused into} */
    String suffix() {
        return isIdentity() ? "" : " + " + name();
    }

    String name() {
        return forward.name().substring("eltwise_".length());
    }
}
