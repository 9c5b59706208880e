package org.bncnn.engine;

import org.bncnn.norm.BatchNorm;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * A network's gradients as views of its one gradient array, made once and not at every iteration.
 *
 * <p>{@link #gradient()} is that very array, so that DL4J's updater does not slice it for each parameter.
 */
final class GradientViews extends DefaultGradient {
    private static final long serialVersionUID = 1L;

    private final transient INDArray flat;

    GradientViews(MultiLayerNetwork network) {
        super(network.getGradientsViewArray());
        flat = network.getGradientsViewArray();
        INDArray values = flat.reshape(flat.length());
        long offset = 0;
        for (int i = 0; i < network.getnLayers(); i++) {
            Layer layer = network.getLayer(i);
            long length = layer.numParams();
            if (length > 0) {
                INDArray view = values.get(NDArrayIndex.interval(offset, offset + length));
                layer.conf()
                        .getLayer()
                        .initializer()
                        .getGradientsFromFlattened(layer.conf(), view)
                        .forEach((key, gradient) -> add(layer, key, gradient));
                offset += length;
            }
        }
    }

    /** Our batch normalization, unlike DL4J's, does not show its running statistics to gradient clipping. */
    private void add(Layer layer, String key, INDArray gradient) {
        if (!(layer.conf().getLayer() instanceof BatchNorm) || layer.updaterDivideByMinibatch(key)) {
            setGradientFor(layer.getIndex() + "_" + key, gradient);
        }
    }

    /** {@return whether they are of this array} */
    boolean areOf(INDArray gradients) {
        return flat == gradients;
    }

    @Override
    public INDArray gradient() {
        return flat;
    }
}
