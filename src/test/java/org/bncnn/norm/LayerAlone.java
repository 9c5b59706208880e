package org.bncnn.norm;

import java.util.Map;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** A layer outside of a network, stepped as an updater without momentum and learning rate would step it. */
final class LayerAlone {
    private final Layer layer;
    private final INDArray params;
    private final INDArray gradients;
    private final Map<String, INDArray> gradientTable;

    LayerAlone(FeedForwardLayer configuration, DataType type) {
        NeuralNetConfiguration conf =
                new NeuralNetConfiguration.Builder().layer(configuration).build();
        long count = conf.getLayer().initializer().numParams(conf);
        params = Nd4j.create(type, 1, count);
        gradients = Nd4j.create(type, 1, count);
        layer = conf.getLayer().instantiate(conf, null, 0, params, true, type);
        layer.setBackpropGradientsViewArray(gradients);
        gradientTable = conf.getLayer().initializer().getGradientsFromFlattened(conf, gradients);
    }

    Layer layer() {
        return layer;
    }

    INDArray params() {
        return params;
    }

    INDArray param(String key) {
        return layer.getParam(key);
    }

    INDArray gradient(String key) {
        return gradientTable.get(key);
    }

    INDArray forward(INDArray x, boolean training) {
        return layer.activate(x, training, LayerWorkspaceMgr.noWorkspaces());
    }

    INDArray backward(INDArray epsilon) {
        return layer.backpropGradient(epsilon, LayerWorkspaceMgr.noWorkspaces()).getSecond();
    }

    /** Moves the running statistics as an updater does, and leaves γ and β alone. */
    void moveRunningStatistics() {
        gradientTable.forEach((key, gradient) -> {
            if (!layer.updaterDivideByMinibatch(key)) {
                layer.getParam(key).subi(gradient);
            }
        });
        layer.applyConstraints(0, 0);
    }
}
