package app;

import java.io.File;
import java.nio.file.Path;
import org.bncnn.norm.BatchNormLayer;
import org.bncnn.store.ModelFile;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Loads a model with the custom batch normalization, by DL4J and by bncnn's checked reader, trains it on and saves it.
 */
public final class TrainOn {
    private TrainOn() {}

    /** @param arguments the model file; the file to write */
    public static void main(String[] arguments) throws Exception {
        MultiLayerNetwork network = MultiLayerNetwork.load(new File(arguments[0]), true);
        if (!(network.getLayer("bn1") instanceof BatchNormLayer)) {
            throw new AssertionError("bn1 is " + network.getLayer("bn1").getClass());
        }
        DataSet batch = new DataSet(Nd4j.rand(DataType.FLOAT, 10, 1, 28, 28), Nd4j.eye(10));
        double before = network.score(batch);
        for (int step = 0; step < 50; step++) {
            network.fit(batch);
        }
        double after = network.score(batch);
        if (!(after < before)) {
            throw new AssertionError("the loss went from " + before + " to " + after);
        }
        network.save(new File(arguments[1]), true);
        MultiLayerNetwork again = ModelFile.load(Path.of(arguments[1])).network();
        if (!again.params().equals(network.params())) {
            throw new AssertionError("the saved parameters differ");
        }
        System.out.println("the loss went from " + before + " to " + after);
    }
}
