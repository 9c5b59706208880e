package org.bncnn.model;

import java.util.List;
import org.deeplearning4j.nn.api.Updater;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.updater.BaseMultiLayerUpdater;
import org.deeplearning4j.nn.updater.UpdaterBlock;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nesterovs;

/** Makes networks with DL4J's own momentum from networks with {@link HeavyBall}. */
public final class HeavyBallConversion {
    private HeavyBallConversion() {}

    /**
     * {@return a network with {@link Nesterovs} in the place of {@link HeavyBall}}, of the same learning rate and momentum
     *
     * <p>Both keep a velocity: ours is v, DL4J's V = −η·v. It is taken over, so that training goes on at the speed it had; from then on
     * each step looks one ahead.
     *
     * @param network is not changed
     */
    public static MultiLayerNetwork toNesterovs(MultiLayerNetwork network) {
        MultiLayerConfiguration configuration =
                network.getLayerWiseConfigurations().clone();
        for (NeuralNetConfiguration conf : configuration.getConfs()) {
            if (conf.getLayer() instanceof BaseLayer layer) {
                layer.setIUpdater(convert(layer.getIUpdater()));
                layer.setBiasUpdater(convert(layer.getBiasUpdater()));
            }
        }
        MultiLayerNetwork converted = new MultiLayerNetwork(configuration);
        converted.init(network.params() == null ? null : network.params().dup(), false);
        Updater updater = network.getUpdater(false);
        INDArray state = updater == null ? null : updater.getStateViewArray();
        if (state != null) {
            converted.getUpdater().setStateViewArray(converted, state.dup(), false);
            scale(network, blocks(converted));
        }
        return converted;
    }

    private static IUpdater convert(IUpdater updater) {
        return updater instanceof HeavyBall own ? own.toNesterovs() : updater;
    }

    private static void scale(MultiLayerNetwork from, List<UpdaterBlock> to) {
        List<UpdaterBlock> blocks = blocks(from);
        for (int i = 0; i < to.size(); i++) {
            if (blocks.get(i).getGradientUpdater().getConfig() instanceof HeavyBall own) {
                double learningRate = own.getLearningRate(from.getIterationCount(), from.getEpochCount());
                to.get(i).getUpdaterView().muli(-learningRate);
            }
        }
    }

    private static List<UpdaterBlock> blocks(MultiLayerNetwork network) {
        return ((BaseMultiLayerUpdater<?>) network.getUpdater()).getUpdaterBlocks();
    }
}
