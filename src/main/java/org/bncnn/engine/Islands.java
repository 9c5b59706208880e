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

/** What the islands of a plan share: a workspace of DL4J's that is open while the plan runs, so that their arrays cost no allocation. */
final class Islands {
    private static final String WORKSPACE = "BNCNN_ENGINE_ISLANDS";

    private final MultiLayerNetwork network;
    private final List<Layer> layers = new ArrayList<>();
    private final LayerWorkspaceMgr workspaces = LayerWorkspaceMgr.builder()
            .defaultWorkspace(
                    WORKSPACE,
                    WorkspaceConfiguration.builder()
                            .policyLearning(LearningPolicy.OVER_TIME)
                            .cyclesBeforeInitialization(2)
                            .policySpill(SpillPolicy.REALLOCATE)
                            .build())
            .build();

    Islands(MultiLayerNetwork network) {
        this.network = network;
    }

    void add(Layer layer) {
        layers.add(layer);
    }

    LayerWorkspaceMgr workspaces() {
        return workspaces;
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
