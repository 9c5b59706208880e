package app;

import java.io.File;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.bncnn.backend.Backend;
import org.bncnn.engine.OneDnnNetwork;
import org.bncnn.eval.ClassProbability;
import org.bncnn.norm.BatchNorm;
import org.bncnn.predict.Classifier;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/** Runs README's snippets, and checks what comes out and how large the class path is. */
public final class Application {
    private static final double MOST_MEGABYTES = 200;

    private Application() {}

    /** @param arguments none */
    public static void main(String[] arguments) throws Exception {
        Backend.start();
        try (Classifier classifier = Classifier.load(Path.of("models/best.zip"))) {
            ClassProbability best = classifier.classify(Path.of("shirt.png")).best();
            System.out.println(best.name() + " " + best.probability());
            require(best.name().equals("Shirt"), "the shirt is a " + best.name());
        }
        trainFast();
        classPath();
    }

    private static void trainFast() {
        MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .list()
                .layer(new ConvolutionLayer.Builder(5, 5).nOut(16).hasBias(false).build())
                .layer(new BatchNorm.Builder().activation(Activation.RELU).build())
                .layer(new OutputLayer.Builder().nOut(10).activation(Activation.SOFTMAX).build())
                .setInputType(InputType.convolutional(28, 28, 1))
                .build());
        network.init();
        MultiLayerNetwork fast = OneDnnNetwork.accelerate(network);
        DataSet batch = new DataSet(Nd4j.rand(DataType.FLOAT, 10, 1, 28, 28), Nd4j.eye(10));
        double before = fast.score(batch);
        for (int step = 0; step < 20; step++) {
            fast.fit(batch);
        }
        require(fast.score(batch) < before, "the loss did not fall from " + before);
        INDArray output = ((OneDnnNetwork) fast).toDl4j().output(batch.getFeatures());
        require(output.equalsWithEps(fast.output(batch.getFeatures()), 1e-4), "the engine computes something else");
    }

    private static void classPath() {
        String[] jars = System.getProperty("java.class.path").split(File.pathSeparator);
        double megabytes = Stream.of(jars).mapToLong(jar -> new File(jar).length()).sum() / 1e6;
        System.out.printf("%d jars, %.0f MB%n", jars.length, megabytes);
        require(megabytes <= MOST_MEGABYTES, "the class path has grown");
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }
}
