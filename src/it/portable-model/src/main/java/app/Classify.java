package app;

import java.awt.image.BufferedImage;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.preprocessor.DataNormalization;
import org.nd4j.linalg.factory.Nd4j;

/** Loads a model with DL4J alone, classifies ten images, and fails if the probabilities are not the expected ones. */
public final class Classify {
    private static final double TOLERANCE = 1e-5;
    private static final int SIDE = 28;

    private Classify() {}

    /** @param arguments folder of the images and {@code expected-MODEL.csv}; then model files */
    public static void main(String[] arguments) throws Exception {
        File folder = new File(arguments[0]);
        for (String name : List.of(arguments).subList(1, arguments.length)) {
            File model = new File(name);
            MultiLayerNetwork network = MultiLayerNetwork.load(model, true);
            DataNormalization normalizer = ModelSerializer.restoreNormalizerFromFile(model);
            String expected = "expected-" + model.getName().replace(".zip", ".csv");
            int images = check(network, normalizer, folder, folder.toPath().resolve(expected));
            System.out.println(model.getName() + ": " + images + " images as expected");
        }
    }

    private static int check(MultiLayerNetwork network, DataNormalization normalizer, File folder, Path expected)
            throws Exception {
        List<String> lines = Files.readAllLines(expected);
        for (String line : lines) {
            String[] values = line.split(",");
            INDArray image = read(new File(folder, values[0]));
            normalizer.transform(image);
            INDArray probabilities = network.output(image);
            for (int i = 1; i < values.length; i++) {
                double difference = Math.abs(probabilities.getDouble(i - 1) - Double.parseDouble(values[i]));
                if (!(difference <= TOLERANCE)) {
                    throw new AssertionError(values[0] + ": probability " + (i - 1) + " is off by " + difference);
                }
            }
        }
        return lines.size();
    }

    /** {@return an image as [1, 1, 28, 28], pixels 0 to 255} */
    private static INDArray read(File file) throws Exception {
        BufferedImage image = ImageIO.read(file);
        INDArray pixels = Nd4j.create(1, 1, SIDE, SIDE);
        for (int y = 0; y < SIDE; y++) {
            for (int x = 0; x < SIDE; x++) {
                pixels.putScalar(new int[] {0, 0, y, x}, image.getRaster().getSample(x, y, 0));
            }
        }
        return pixels;
    }
}
