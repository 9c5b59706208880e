package org.bncnn.engine;

import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.memory.conf.WorkspaceConfiguration;
import org.nd4j.linalg.api.memory.enums.LearningPolicy;
import org.nd4j.linalg.api.memory.enums.SpillPolicy;

/**
 * The islands of a plan.
 *
 * @param layers that run as islands
 * @param workspaces DL4J's; open while the plan runs, so that the islands' arrays cost no allocation
 */
record Islands(MultiLayerNetwork network, List<Layer> layers, LayerWorkspaceMgr workspaces) {
    private static final WorkspaceConfiguration REUSED = WorkspaceConfiguration.builder()
            .policyLearning(LearningPolicy.OVER_TIME)
            .cyclesBeforeInitialization(2)
            .policySpill(SpillPolicy.REALLOCATE)
            .build();

    Islands(MultiLayerNetwork network) {
        this(
                network,
                new ArrayList<>(),
                LayerWorkspaceMgr.builder()
                        .defaultWorkspace("BNCNN_ENGINE_ISLANDS", REUSED)
                        .build());
    }

    /** Runs {@code work} with the workspace open, if there are any islands. */
    @SuppressWarnings("try") // what is opened is used by way of the thread
    void around(int examples, Runnable work) {
        if (layers.isEmpty()) {
            work.run();
            return;
        }
        for (Layer layer : layers) {
            layer.setInputMiniBatchSize(examples);
            layer.setIterationCount(network.getIterationCount());
            layer.setEpochCount(network.getEpochCount());
        }
        try (MemoryWorkspace open = workspaces.notifyScopeEntered(ArrayType.ACTIVATIONS)) {
            work.run();
        } finally {
            layers.forEach(Layer::clear);
        }
    }
}
