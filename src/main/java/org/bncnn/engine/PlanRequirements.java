package org.bncnn.engine;

import java.util.Arrays;
import org.deeplearning4j.nn.api.layers.RecurrentLayer;
import org.deeplearning4j.nn.conf.BackpropType;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.layers.FrozenLayer;
import org.deeplearning4j.nn.layers.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ConvolutionUtils;
import org.nd4j.linalg.api.buffer.DataType;

/** Requirements of a plan that no island can meet, whatever the input. */
final class PlanRequirements {
    private PlanRequirements() {}

    /** @throws NotCompilableException if a network does not meet them */
    static void check(MultiLayerNetwork network) throws NotCompilableException {
        var configuration = network.getLayerWiseConfigurations();
        if (configuration.getDataType() != DataType.FLOAT) {
            throw new NotCompilableException("the network's data type is " + configuration.getDataType());
        }
        if (configuration.getBackpropType() != BackpropType.Standard) {
            throw new NotCompilableException("the network is trained by truncated backpropagation through time");
        }
        for (var layer : network.getLayers()) {
            if (layer instanceof FrozenLayer || layer instanceof FrozenLayerWithBackprop) {
                throw new NotCompilableException(LayerName.of(layer) + ": it is frozen");
            }
            if (layer instanceof RecurrentLayer) {
                throw new NotCompilableException(LayerName.of(layer) + ": it is recurrent");
            }
            if (hasChannelsLast(layer.conf().getLayer())) {
                throw new NotCompilableException(LayerName.of(layer) + ": it has channels last");
            }
        }
    }

    /** {@return whether a layer takes {@code [N, H, W, C]}}; DL4J's own method is wrong for convolution and pooling */
    private static boolean hasChannelsLast(Layer conf) {
        if (conf instanceof BatchNormalization norm) {
            return norm.getCnn2DFormat() == CNN2DFormat.NHWC;
        }
        if (conf instanceof GlobalPoolingLayer pooling) {
            return Arrays.equals(pooling.getPoolingDimensions(), new int[] {1, 2});
        }
        boolean hasFormat = conf instanceof ConvolutionLayer
                || conf instanceof SubsamplingLayer
                || ConvolutionUtils.layerHasConvolutionLayout(conf);
        return hasFormat && ConvolutionUtils.getFormatForLayer(conf) == CNN2DFormat.NHWC;
    }
}
