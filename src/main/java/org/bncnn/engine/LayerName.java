package org.bncnn.engine;

import org.deeplearning4j.nn.api.Layer;

/**
 * A layer as messages and tables name it, such as "layer 3 (conv1, ConvolutionLayer)".
 *
 * @param index of the layer in its network, from 0
 * @param name that its configuration gives it; null if there is none
 * @param type simple name of its configuration's class
 */
public record LayerName(int index, String name, String type) {
    /**
     * {@return the name of a layer}
     *
     * @param layer of a network
     */
    public static LayerName of(Layer layer) {
        var conf = layer.conf().getLayer();
        return new LayerName(
                layer.getIndex(), conf.getLayerName(), conf.getClass().getSimpleName());
    }

    @Override
    public String toString() {
        return "layer " + index + " (" + (name == null ? "" : name + ", ") + type + ")";
    }
}
