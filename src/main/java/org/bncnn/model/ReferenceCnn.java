package org.bncnn.model;

import java.util.List;
import java.util.Random;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.preprocessor.ImagePreProcessingScaler;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.regularization.WeightDecay;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * The article's CNN: two 5×5 convolutions of 16 and 32 channels, each followed by 2×2 max-pooling, then dense layers of
 * 128 units and of one unit per class. Hidden activations are ReLU, the output is softmax with cross-entropy.
 *
 * <p>Input {@code [N, C, H, W]} float, pixels mapped to [−1, 1]; output {@code [N, classes]}, probabilities. Images
 * must be at least 16×16. For {@code [N, 1, 28, 28]} and 10 classes there are 80,202 parameters without batch
 * normalization and 80,378 with (and 352 running statistics).
 *
 * <p>With batch normalization each hidden linear map loses its bias, which the normalization would cancel. BN and then
 * the activation follow it, the order of Ioffe &amp; Szegedy (2015), §3.2.
 */
public final class ReferenceCnn {
    /** Height and width of the convolutions' kernels. */
    public static final int KERNEL = 5;

    /** Height and width of the poolings' windows, and their stride. */
    public static final int POOL = 2;

    /** Channels of the first convolution. */
    public static final int CONV1_CHANNELS = 16;

    /** Channels of the second convolution. */
    public static final int CONV2_CHANNELS = 32;

    /** Units of the hidden dense layer. */
    public static final int DENSE_UNITS = 128;

    /** The smallest side of an image that leaves the second pooling one pixel: ((16 − 4) / 2 − 4) / 2 = 1. */
    private static final long SMALLEST_SIDE = 16;

    /** The share of the old running statistic that a step keeps; PyTorch's momentum is 1 − decay = 0.1. */
    public static final double BN_DECAY = 0.9;

    /** The constant added to the variance before the root is taken. */
    public static final double BN_EPS = 1e-5;

    private ReferenceCnn() {}

    /** {@return the network's normalizer: pixels 0…255 to [−1, 1], PyTorch's {@code Normalize((0.5,), (0.5,))}} */
    public static ImagePreProcessingScaler normalizer() {
        return new ImagePreProcessingScaler(-1, 1);
    }

    /**
     * {@return the configuration of the network}
     *
     * @param norm which batch normalization it has
     * @param input the images' height, width and channels
     * @param classes the number of classes, at least 2
     * @param recipe gives the updater, the weight decay and the seed
     * @throws IllegalArgumentException if the images are too small or there are fewer than two classes
     */
    public static MultiLayerConfiguration configuration(
            Norm norm, InputType.InputTypeConvolutional input, int classes, Recipe recipe) {
        return configuration(norm, input, classes, recipe, 1);
    }

    /**
     * {@return the configuration of a wider network}
     *
     * @param norm which batch normalization it has
     * @param input the images' height, width and channels
     * @param classes the number of classes, at least 2
     * @param recipe gives the updater, the weight decay and the seed
     * @param width factor of the convolutions' channels, at least 1
     * @throws IllegalArgumentException if the images are too small or there are fewer than two classes
     */
    public static MultiLayerConfiguration configuration(
            Norm norm, InputType.InputTypeConvolutional input, int classes, Recipe recipe, int width) {
        if (Math.min(input.getHeight(), input.getWidth()) < SMALLEST_SIDE) {
            throw new IllegalArgumentException("images of " + input.getHeight() + "×" + input.getWidth()
                    + " are too small: the reference CNN needs at least " + SMALLEST_SIDE + "×" + SMALLEST_SIDE);
        }
        if (classes < 2) {
            throw new IllegalArgumentException("a classifier needs at least 2 classes, not " + classes);
        }
        boolean bias = norm == Norm.NONE;
        var layers = new NeuralNetConfiguration.Builder()
                .seed(recipe.seed())
                .updater(recipe.updater())
                .weightInit(WeightInit.UNIFORM)
                .activation(Activation.IDENTITY)
                .list();
        layers.layer(convolution("conv1", CONV1_CHANNELS * width, bias));
        normalizeAndActivate(layers, norm, "1");
        layers.layer(maxPooling("pool1"));
        layers.layer(convolution("conv2", CONV2_CHANNELS * width, bias));
        normalizeAndActivate(layers, norm, "2");
        layers.layer(maxPooling("pool2"));
        layers.layer(new DenseLayer.Builder()
                .name("fc1")
                .nOut(DENSE_UNITS)
                .hasBias(bias)
                .build());
        normalizeAndActivate(layers, norm, "3");
        layers.layer(new OutputLayer.Builder(LossFunction.MCXENT)
                .name("fc2")
                .nOut(classes)
                .activation(Activation.SOFTMAX)
                .build());
        MultiLayerConfiguration configuration = layers.setInputType(input).build();
        if (recipe.weightDecay() > 0) {
            configuration.getConfs().forEach(conf -> decayWeights(conf.getLayer(), recipe.weightDecay()));
        }
        return configuration;
    }

    /**
     * {@return the network, its parameters initialised as PyTorch initialises them}
     *
     * <p>Weights and biases are U(−1/√fan_in, +1/√fan_in), γ = 1, β = 0, running mean 0 and running variance 1. DL4J
     * has the first of these as {@link WeightInit#UNIFORM}, but only constants for biases, so biases are drawn here.
     *
     * @param configuration made by {@link #configuration}
     */
    public static MultiLayerNetwork initialise(MultiLayerConfiguration configuration) {
        MultiLayerNetwork network = new MultiLayerNetwork(configuration);
        network.init();
        Random random = new Random(configuration.getConf(0).getSeed());
        for (var layer : network.getLayers()) {
            var parameters = layer.paramTable();
            INDArray bias = parameters.get(DefaultParamInitializer.BIAS_KEY);
            if (bias != null) {
                long fanIn = parameters.get(DefaultParamInitializer.WEIGHT_KEY).length() / bias.length();
                bias.assign(uniform(random, bias.shape(), 1 / Math.sqrt(fanIn)));
            }
        }
        return network;
    }

    private static INDArray uniform(Random random, long[] shape, double bound) {
        INDArray values = Nd4j.create(shape);
        for (long i = 0; i < values.length(); i++) {
            values.putScalar(i, (2 * random.nextDouble() - 1) * bound);
        }
        return values;
    }

    /** Layer by layer, because M2.1's builder, set for all layers, makes each decay twice. */
    private static void decayWeights(Layer layer, double weightDecay) {
        if (layer instanceof BaseLayer base) {
            base.setRegularization(List.of(new WeightDecay(weightDecay, true)));
        }
    }

    private static Layer convolution(String name, int channels, boolean bias) {
        return new ConvolutionLayer.Builder(KERNEL, KERNEL)
                .name(name)
                .nOut(channels)
                .hasBias(bias)
                .build();
    }

    private static Layer maxPooling(String name) {
        return new SubsamplingLayer.Builder(SubsamplingLayer.PoolingType.MAX)
                .name(name)
                .kernelSize(POOL, POOL)
                .stride(POOL, POOL)
                .build();
    }

    private static void normalizeAndActivate(NeuralNetConfiguration.ListBuilder layers, Norm norm, String position) {
        norm.layer("bn" + position).ifPresent(layers::layer);
        layers.layer(new ActivationLayer.Builder()
                .name("relu" + position)
                .activation(Activation.RELU)
                .build());
    }
}
