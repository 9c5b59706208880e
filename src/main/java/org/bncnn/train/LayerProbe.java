package org.bncnn.train;

import java.io.IOException;
import org.bncnn.data.ImageSet;
import org.bncnn.data.ImageSetIterator;
import org.bncnn.eval.SignalProbe;
import org.bncnn.model.ReferenceCnn;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.dataset.DataSet;

/** Looks at the layers of the reference CNN after each epoch, on the first training images, and tells an observer. */
final class LayerProbe implements TrainingObserver {
    private static final int IMAGES = 64;

    private final MultiLayerNetwork network;
    private final DataSet batch;
    private final TrainingObserver told;

    LayerProbe(MultiLayerNetwork network, ImageSet images, TrainingObserver told) {
        ImageSetIterator batches = ImageSetIterator.ordered(images, IMAGES);
        batches.setPreProcessor(ReferenceCnn.normalizer());
        this.network = network;
        this.batch = batches.next();
        this.told = told;
    }

    @Override
    public void epochEnded(EpochResult result) throws IOException {
        look(result.epoch());
    }

    /** @param epoch after which it is */
    void look(int epoch) throws IOException {
        SignalProbe probe = new SignalProbe(network, batch);
        told.layersProbed(new LayerMetrics(epoch, probe.layers(new ActivationReLU()), probe.norms()));
    }
}
