package org.bncnn.store;

import java.io.IOException;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.wrapper.BaseWrapperLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.params.BatchNormalizationParamInitializer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The running variances of a network's batch normalization, which nothing but a damaged or forged file makes negative.
 */
final class RunningVariance {
    private RunningVariance() {}

    /** @throws IOException if one is negative; the message names the layer */
    static void check(MultiLayerNetwork network) throws IOException {
        for (int i = 0; i < network.getnLayers(); i++) {
            Layer layer = network.getLayer(i);
            String type = configuration(layer).getClass().getSimpleName();
            boolean isNorm = type.equals("BatchNormalization") || type.equals("BatchNorm"); // DL4J's and ours
            INDArray variance =
                    isNorm ? layer.paramTable(false).get(BatchNormalizationParamInitializer.GLOBAL_VAR) : null;
            if (variance != null && variance.minNumber().doubleValue() < 0) {
                throw new IOException("layer " + i + " ("
                        + layer.conf().getLayer().getLayerName() + ", " + type + "): its running variance is "
                        + variance.minNumber().floatValue());
            }
        }
    }

    /** {@return a layer's configuration}, or of the one that it freezes */
    private static org.deeplearning4j.nn.conf.layers.Layer configuration(Layer layer) {
        org.deeplearning4j.nn.conf.layers.Layer conf = layer.conf().getLayer();
        if (conf instanceof FrozenLayer frozen) {
            return frozen.getLayer();
        }
        return conf instanceof BaseWrapperLayer wrapper ? wrapper.getUnderlying() : conf;
    }
}
