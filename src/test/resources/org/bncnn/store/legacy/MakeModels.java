import java.io.File;
import java.lang.reflect.Method;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.Updater;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.weights.WeightInit;
import org.deeplearning4j.util.ModelSerializer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * Trains small networks for a step on random numbers and saves them, with whatever version of DL4J is on the class
 * path.
 */
class MakeModels {
    public static void main(String[] version) throws Exception {
        save(cnn(), version[0] + "-cnn.zip");
        save(norm(), version[0] + "-norm.zip");
    }

    private static NeuralNetConfiguration.ListBuilder cnn() throws Exception {
        NeuralNetConfiguration.ListBuilder layers = builder(Updater.ADAM).list();
        ConvolutionLayer.Builder convolution = new ConvolutionLayer.Builder(3, 3).nIn(1).nOut(4);
        DenseLayer.Builder dense = new DenseLayer.Builder().nIn(36).nOut(6).dropOut(0.5);
        layers.layer(0, ((ConvolutionLayer.Builder) activation(convolution, "relu")).build());
        layers.layer(1, new SubsamplingLayer.Builder(SubsamplingLayer.PoolingType.MAX, new int[] {2, 2}, new int[] {2, 2})
                .build());
        layers.layer(2, new LocalResponseNormalization.Builder().build());
        layers.layer(3, ((DenseLayer.Builder) activation(dense, "leakyrelu")).build());
        layers.layer(4, output(6));
        layers.inputPreProcessor(0, new FeedForwardToCnnPreProcessor(8, 8, 1));
        layers.inputPreProcessor(3, new CnnToFeedForwardPreProcessor(3, 3, 4));
        return layers;
    }

    private static NeuralNetConfiguration.ListBuilder norm() throws Exception {
        NeuralNetConfiguration.ListBuilder layers = builder(Updater.NESTEROVS).list();
        DenseLayer.Builder dense = new DenseLayer.Builder().nIn(64).nOut(5);
        layers.layer(0, ((DenseLayer.Builder) activation(dense, "identity")).build());
        layers.layer(1, new BatchNormalization.Builder().nIn(5).nOut(5).build());
        layers.layer(2, ((ActivationLayer.Builder) activation(new ActivationLayer.Builder(), "tanh")).build());
        layers.layer(3, output(5));
        return layers;
    }

    private static OutputLayer output(int nIn) throws Exception {
        OutputLayer.Builder output = new OutputLayer.Builder(LossFunction.MCXENT).nIn(nIn).nOut(3);
        return ((OutputLayer.Builder) activation(output, "softmax")).build();
    }

    /** The learning rate went from the network to the updater in 1.0.0-alpha. */
    private static NeuralNetConfiguration.Builder builder(Updater updater) throws Exception {
        NeuralNetConfiguration.Builder builder =
                new NeuralNetConfiguration.Builder().seed(7).l2(1e-4).weightInit(WeightInit.XAVIER);
        try {
            builder.getClass().getMethod("learningRate", double.class).invoke(builder, 0.01);
            builder.updater(updater);
        } catch (NoSuchMethodException later) {
            Object configured = Updater.class.getMethod("getIUpdaterWithDefaultConfig").invoke(updater);
            Class<?> type = Class.forName("org.nd4j.linalg.learning.config.IUpdater");
            builder.getClass().getMethod("updater", type).invoke(builder, configured);
        }
        return builder;
    }

    /** Activations went from texts to constants in 0.7.2. */
    private static Object activation(Object builder, String name) throws Exception {
        Method setter;
        Object value;
        try {
            Class<?> type = Class.forName("org.nd4j.linalg.activations.Activation");
            setter = builder.getClass().getMethod("activation", type);
            value = type.getMethod("fromString", String.class).invoke(null, name);
        } catch (ClassNotFoundException | NoSuchMethodException earlier) {
            setter = builder.getClass().getMethod("activation", String.class);
            value = name;
        }
        return setter.invoke(builder, value);
    }

    private static void save(NeuralNetConfiguration.ListBuilder layers, String file) throws Exception {
        MultiLayerNetwork network = new MultiLayerNetwork(layers.build());
        network.init();
        Nd4j.getRandom().setSeed(7);
        INDArray features = Nd4j.rand(12, 64);
        INDArray labels = Nd4j.zeros(12, 3);
        for (int i = 0; i < 12; i++) {
            labels.putScalar(new int[] {i, i % 3}, 1);
        }
        network.fit(features, labels);
        ModelSerializer.writeModel(network, new File(file), true);
    }
}
