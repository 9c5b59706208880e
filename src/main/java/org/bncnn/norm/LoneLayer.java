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

/**
 * A layer outside of a network. It takes steps without a learning rate: only running statistics move.
 *
 * <p>Within {@link #inWorkspace} its arrays are in a workspace, as in a network's training; elsewhere they are not.
 */
public final class LoneLayer implements AutoCloseable {
    private static final AtomicLong NUMBER = new AtomicLong();

    private final String workspace = "BNCNN_LONE_LAYER_" + NUMBER.incrementAndGet();
    private final Layer layer;
    private final Map<String, INDArray> gradients;
    private final LayerWorkspaceMgr manager = LayerWorkspaceMgr.builder()
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
     * Makes the layer.
     *
     * @param configuration with its number of channels
     * @param type of the parameters and of the inputs
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

    /** {@return DL4J's runtime of the layer} */
    public Layer layer() {
        return layer;
    }

    /**
     * {@return a parameter, a view}
     *
     * @param name of the parameter, in DL4J
     */
    public INDArray param(String name) {
        return layer.getParam(name);
    }

    /**
     * {@return a parameter's gradient of the last backward pass, a view}
     *
     * @param name of the parameter, in DL4J
     */
    public INDArray gradient(String name) {
        return gradients.get(name);
    }

    /**
     * {@return the result of {@code work} with the workspace open} Arrays that passes return are valid only within.
     *
     * @param work to do
     * @param <T> type of the result
     */
    @SuppressWarnings("try") // what is opened is used by way of the thread
    public <T> T inWorkspace(Supplier<T> work) {
        try (MemoryWorkspace open = manager.notifyScopeEntered(ArrayType.ACTIVATIONS)) {
            return work.get();
        }
    }

    private LayerWorkspaceMgr workspaces() {
        return Nd4j.getWorkspaceManager().checkIfWorkspaceExistsAndActive(workspace)
                ? manager
                : LayerWorkspaceMgr.noWorkspaces();
    }

    /** {@return the number of bytes in arrays that were made since the workspace was opened} */
    public long bytesInWorkspace() {
        return Nd4j.getMemoryManager().getCurrentWorkspace().getThisCycleAllocations();
    }

    /**
     * {@return the output in training}
     *
     * @param x input
     */
    public INDArray forward(INDArray x) {
        return layer.activate(x, true, workspaces());
    }

    /**
     * {@return the output at inference}
     *
     * @param x input
     */
    public INDArray infer(INDArray x) {
        return layer.activate(x, false, workspaces());
    }

    /**
     * {@return the gradient with respect to the last forward pass's input}
     *
     * @param epsilon gradient with respect to the output
     */
    public INDArray backward(INDArray epsilon) {
        return layer.backpropGradient(epsilon, workspaces()).getSecond();
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
