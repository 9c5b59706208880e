package org.bncnn.export;

import org.bncnn.model.HeavyBall;
import org.bncnn.norm.BatchNormConversion;
import org.bncnn.store.ModelFile;
import org.deeplearning4j.exception.DL4JInvalidConfigException;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/** A model that DL4J loads with nothing of ours on the class path. */
public final class PortableModel {
    private static final String OURS = "org.bncnn.";

    private PortableModel() {}

    /**
     * {@return the same model in DL4J's own classes}: {@link org.bncnn.norm.BatchNorm} becomes DL4J's layer, with equal
     * outputs; {@link org.bncnn.model.HeavyBall} becomes {@link org.nd4j.linalg.learning.config.Nesterovs} with the
     * same velocity, which looks one step ahead in further training.
     *
     * @param model is not changed
     * @throws IllegalArgumentException if something of ours has no counterpart in DL4J
     * @throws DL4JInvalidConfigException if γ and β are locked to values that the built-in layer ignores
     */
    public static ModelFile of(ModelFile model) {
        MultiLayerNetwork network = HeavyBall.toNesterovs(BatchNormConversion.toBuiltin(model.network()));
        String json = network.getLayerWiseConfigurations().toJson();
        int left = json.indexOf(OURS);
        if (left >= 0) {
            throw new IllegalArgumentException(
                    json.substring(left, json.indexOf('"', left)) + " has no counterpart in DL4J");
        }
        return new ModelFile(network, model.normalizer(), model.description());
    }
}
