package org.bncnn.engine;

import java.util.Arrays;
import org.bncnn.engine.ParameterMemory.Slice;
import org.bytedeco.dnnl.global.dnnl.prop_kind;
import org.bytedeco.dnnl.inner_product_backward_data;
import org.bytedeco.dnnl.inner_product_backward_weights;
import org.bytedeco.dnnl.inner_product_forward;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.primitive_attr;
import org.bytedeco.dnnl.primitive_desc;

/** A dense layer of vectors. */
final class DenseStage extends LinearStage {
    private final long units;

    /**
     * @param weights {@code [in, out]} in 'f' order, which is {@code [out, in]} in 'c' order
     * @param bias null if there is none
     * @param norm batch normalization to fold in; null if there is none
     */
    DenseStage(Assembly assembly, Slice weights, Slice bias, NormParameters norm, Eltwise activation, long units) {
        super(assembly, weights, bias, norm, activation);
        this.units = units;
    }

    @Override
    String name() {
        return "inner_product";
    }

    @Override
    long[] weightsShape(long... srcShape) throws NotCompilableException {
        if (srcShape.length != 2 || srcShape[1] * units != weights.length()) {
            throw new NotCompilableException("its input has shape " + Arrays.toString(srcShape));
        }
        return new long[] {units, srcShape[1]};
    }

    @Override
    long[] dstShape(long... srcShape) {
        return new long[] {srcShape[0], units};
    }

    @Override
    primitive_desc forward(
            memory.desc src, memory.desc weights, memory.desc bias, memory.desc dst, primitive_attr attributes) {
        prop_kind kind = assembly.forwardKind();
        var desc = natives.own(new inner_product_forward.desc(kind, src, weights, bias, dst));
        return new inner_product_forward.primitive_desc(desc, attributes, natives.cpu());
    }

    @Override
    primitive_desc weightsGradient(
            memory.desc src, memory.desc diffWeights, memory.desc diffBias, memory.desc diffDst, primitive_desc hint) {
        var desc = natives.own(new inner_product_backward_weights.desc(src, diffWeights, diffBias, diffDst));
        var forward = (inner_product_forward.primitive_desc) hint;
        return new inner_product_backward_weights.primitive_desc(desc, natives.cpu(), forward);
    }

    @Override
    primitive_desc dataGradient(memory.desc diffSrc, memory.desc weights, memory.desc diffDst, primitive_desc hint) {
        var desc = natives.own(new inner_product_backward_data.desc(diffSrc, weights, diffDst));
        var forward = (inner_product_forward.primitive_desc) hint;
        return new inner_product_backward_data.primitive_desc(desc, natives.cpu(), forward);
    }
}
