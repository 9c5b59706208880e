package org.bncnn.compare;

import java.util.LinkedHashMap;
import java.util.Map;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.wrapper.BaseWrapperLayer;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Stands in a network around a layer and keeps what went through it in the last training step. */
final class RecordingLayer extends BaseWrapperLayer {
    private static final long serialVersionUID = 1L;

    private transient Step step;

    /**
     * What went through a layer; arrays are copies.
     *
     * @param params its parameters before the step
     * @param gradients its parameters' gradients
     */
    record Step(
            INDArray x,
            INDArray y,
            INDArray dy,
            INDArray dx,
            Map<String, INDArray> params,
            Map<String, INDArray> gradients) {}

    RecordingLayer(Layer underlying) {
        super(underlying);
    }

    Step step() {
        return step;
    }

    @Override
    @SuppressWarnings("try") // what is opened is used by way of the thread
    public INDArray activate(INDArray input, boolean training, LayerWorkspaceMgr workspaceMgr) {
        INDArray output = super.activate(input, training, workspaceMgr);
        try (MemoryWorkspace none = Nd4j.getWorkspaceManager().scopeOutOfWorkspaces()) {
            step = new Step(input.dup(), output.dup(), null, null, copy(paramTable()), null);
        }
        return output;
    }

    @Override
    @SuppressWarnings("try")
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaceMgr) {
        Pair<Gradient, INDArray> result = super.backpropGradient(epsilon, workspaceMgr);
        try (MemoryWorkspace none = Nd4j.getWorkspaceManager().scopeOutOfWorkspaces()) {
            step = new Step(
                    step.x,
                    step.y,
                    epsilon.dup(),
                    result.getSecond().dup(),
                    step.params,
                    copy(result.getFirst().gradientForVariable()));
        }
        return result;
    }

    private static Map<String, INDArray> copy(Map<String, INDArray> arrays) {
        Map<String, INDArray> copies = new LinkedHashMap<>();
        arrays.forEach((name, array) -> copies.put(name, array.dup()));
        return copies;
    }
}
