package org.bncnn.norm;

import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.memory.conf.WorkspaceConfiguration;
import org.nd4j.linalg.api.memory.enums.LearningPolicy;
import org.nd4j.linalg.api.memory.enums.SpillPolicy;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** A layer outside of a network, such as batch normalization, with its arrays in a workspace, as in a network's training. */
public final class LoneLayer implements AutoCloseable {
    private static final AtomicLong NUMBER = new AtomicLong();

    private final String workspace = "BNCNN_LONE_LAYER_" + NUMBER.incrementAndGet();
    private final Layer layer;
    private final Map<String, INDArray> gradients;
    private final LayerWorkspaceMgr workspaces = LayerWorkspaceMgr.builder()
            .defaultWorkspace(
                    workspace,
                    WorkspaceConfiguration.builder()
                            // Two cycles, because the first may be a forward pass only.
                            .policyLearning(LearningPolicy.OVER_TIME)
                            .cyclesBeforeInitialization(2)
                            .policySpill(SpillPolicy.REALLOCATE)
                            .build())
            .build();

    /**
     * @param configuration with its number of channels
     * @param type of the parameters, and of the inputs it will get
     */
    public LoneLayer(FeedForwardLayer configuration, DataType type) {
        NeuralNetConfiguration conf =
                new NeuralNetConfiguration.Builder().layer(configuration).build();
        long count = configuration.initializer().numParams(conf);
        layer = configuration.instantiate(conf, null, 0, Nd4j.create(type, 1, count), true, type);
        INDArray gradientView = Nd4j.create(type, 1, count);
        layer.setBackpropGradientsViewArray(gradientView);
        gradients = configuration.initializer().getGradientsFromFlattened(conf, gradientView);
    }

    /** {@return whether a helper of DL4J's does its work} */
    public boolean usesHelper() {
        return layer.getHelper() != null;
    }

    /** {@return a parameter, a view} */
    public INDArray param(String name) {
        return layer.getParam(name);
    }

    /** {@return a parameter's gradient of the last backward pass, a view} */
    public INDArray gradient(String name) {
        return gradients.get(name);
    }

    /** {@return what {@code work} returns}, with the workspace open. Arrays that passes return are valid only within. */
    @SuppressWarnings("try") // what is opened is used by way of the thread
    public <T> T inWorkspace(Supplier<T> work) {
        try (MemoryWorkspace open = workspaces.notifyScopeEntered(ArrayType.ACTIVATIONS)) {
            return work.get();
        }
    }

    /** {@return the bytes of the arrays that were made since the workspace was opened} */
    public long bytesInWorkspace() {
        return Nd4j.getMemoryManager().getCurrentWorkspace().getThisCycleAllocations();
    }

    /** {@return the output, in training} */
    public INDArray forward(INDArray x) {
        return layer.activate(x, true, workspaces);
    }

    /** {@return the output, at inference} */
    public INDArray infer(INDArray x) {
        return layer.activate(x, false, workspaces);
    }

    /** {@return the gradient by the last forward pass's input} */
    public INDArray backward(INDArray epsilon) {
        return layer.backpropGradient(epsilon, workspaces).getSecond();
    }

    /** Moves the running statistics, as an updater does after a step; γ and β stay. */
    public void moveRunningStatistics() {
        gradients.forEach((name, gradient) -> {
            if (!layer.updaterDivideByMinibatch(name)) {
                layer.getParam(name).subi(gradient);
            }
        });
        layer.applyConstraints(0, 0);
    }

    /** Frees the workspace, on the thread that used it. */
    @Override
    public void close() {
        if (Nd4j.getWorkspaceManager().checkIfWorkspaceExists(workspace)) {
            Nd4j.getWorkspaceManager()
                    .destroyWorkspace(Nd4j.getWorkspaceManager().getWorkspaceForCurrentThread(workspace));
        }
    }
}
