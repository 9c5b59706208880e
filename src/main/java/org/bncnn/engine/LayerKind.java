package org.bncnn.engine;

import java.util.Arrays;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;

/** What a plan takes a layer for. Sub-classes may compute anything, so that they are {@link #OTHER}. */
enum LayerKind {
    CONVOLUTION,
    DENSE,
    POOLING,
    GLOBAL_POOLING,
    BATCH_NORM,
    ACTIVATION,
    OUTPUT,
    LOSS,
    /** None that oneDNN has a primitive for. */
    OTHER;

    static LayerKind of(Layer conf) {
        Class<?> type = conf.getClass();
        if (conf instanceof BaseLayer layer && layer.getWeightNoise() != null) {
            return OTHER;
        }
        if (type == ConvolutionLayer.class) {
            return CONVOLUTION;
        }
        if (type == DenseLayer.class && !((DenseLayer) conf).hasLayerNorm()) {
            return DENSE;
        }
        if (type == SubsamplingLayer.class && isPooling((SubsamplingLayer) conf)) {
            return POOLING;
        }
        if (type == GlobalPoolingLayer.class && isPooling((GlobalPoolingLayer) conf)) {
            return GLOBAL_POOLING;
        }
        if (NormParameters.canRead(conf)) {
            return BATCH_NORM;
        }
        if (type == ActivationLayer.class) {
            return ACTIVATION;
        }
        if (type == OutputLayer.class) {
            return OUTPUT;
        }
        return type == LossLayer.class ? LOSS : OTHER;
    }

    private static boolean isPooling(SubsamplingLayer conf) {
        return isMaximumOrAverage(conf.getPoolingType())
                && Arrays.stream(conf.getDilation()).allMatch(distance -> distance == 1);
    }

    /** DL4J fills the dimensions in only where the network's input type is told. */
    private static boolean isPooling(GlobalPoolingLayer conf) {
        int[] dimensions = conf.getPoolingDimensions();
        return isMaximumOrAverage(conf.getPoolingType())
                && (dimensions == null || Arrays.equals(dimensions, new int[] {2, 3}));
    }

    private static boolean isMaximumOrAverage(PoolingType type) {
        return type == PoolingType.MAX || type == PoolingType.AVG;
    }
}
