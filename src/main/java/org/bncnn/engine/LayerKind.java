package org.bncnn.engine;

import java.util.Arrays;
import java.util.List;
import org.bncnn.norm.BatchNorm;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;

/** How a plan runs a layer. Sub-classes may compute anything, so they are {@link #OTHER}. */
enum LayerKind {
    CONVOLUTION(ConvolutionLayer.class),
    DENSE(DenseLayer.class),
    POOLING(SubsamplingLayer.class),
    GLOBAL_POOLING(GlobalPoolingLayer.class),
    BATCH_NORM(BatchNorm.class, BatchNormalization.class),
    ACTIVATION(ActivationLayer.class),
    OUTPUT(OutputLayer.class),
    LOSS(LossLayer.class),
    /** A layer that oneDNN has no primitive for. */
    OTHER;

    private final List<Class<?>> types;

    LayerKind(Class<?>... types) {
        this.types = List.of(types);
    }

    static LayerKind of(Layer conf) {
        boolean noisy = conf instanceof BaseLayer layer && layer.getWeightNoise() != null;
        return Arrays.stream(values())
                .filter(kind -> !noisy && kind.types.contains(conf.getClass()) && kind.hasPrimitiveFor(conf))
                .findFirst()
                .orElse(OTHER);
    }

    private boolean hasPrimitiveFor(Layer conf) {
        return switch (this) {
            case DENSE -> !((DenseLayer) conf).hasLayerNorm();
            case POOLING -> isPooling((SubsamplingLayer) conf);
            case GLOBAL_POOLING -> isPooling((GlobalPoolingLayer) conf);
            case BATCH_NORM -> NormParameters.canRead(conf);
            default -> true;
        };
    }

    private static boolean isPooling(SubsamplingLayer conf) {
        return isMaximumOrAverage(conf.getPoolingType())
                && Arrays.stream(conf.getDilation()).allMatch(distance -> distance == 1);
    }

    /** DL4J fills the dimensions in only if the network's input type is set. */
    private static boolean isPooling(GlobalPoolingLayer conf) {
        int[] dimensions = conf.getPoolingDimensions();
        return isMaximumOrAverage(conf.getPoolingType())
                && (dimensions == null || Arrays.equals(dimensions, new int[] {2, 3}));
    }

    private static boolean isMaximumOrAverage(PoolingType type) {
        return type == PoolingType.MAX || type == PoolingType.AVG;
    }
}
