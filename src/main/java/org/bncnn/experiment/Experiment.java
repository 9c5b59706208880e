package org.bncnn.experiment;

import java.math.BigDecimal;
import java.util.List;
import java.util.Locale;
import java.util.function.IntPredicate;
import java.util.function.LongFunction;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bncnn.model.Norm;
import org.bncnn.model.Recipe;
import org.bncnn.model.ReferenceCnn;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeConvolutional;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** A question about batch normalization, and the networks that answer it. */
public enum Experiment {
    /** The article's experiment: without batch normalization, the gradient shrinks with each sigmoid that it passes. */
    VANISHING(
            "Do gradients vanish in deep networks of sigmoids?",
            "hidden layers",
            seed -> IntStream.of(2, 4, 8, 16)
                    .mapToObj(depth ->
                            deep(String.valueOf(depth), depth, Activation.SIGMOID, 1, recipe(3, 64, 0.01, seed)))
                    .toList()),
    /** Do the layers that get no gradient keep a deep network of sigmoids from learning, or the layers behind them? */
    HALVES(
            "Which half keeps a deep network of sigmoids from learning?",
            "layers that learn",
            seed -> List.of(
                    half("all 8", layer -> true, seed),
                    half("5 to 8", layer -> layer > 4, seed),
                    half("1 to 4", layer -> layer <= 4, seed))),
    /**
     * The article's experiment: weights times 100 make the gradient grow with each layer; less with sigmoids, most of
     * which saturate. Behind batch normalization it shrinks in proportion (Ioffe &amp; Szegedy 2015, §3.3).
     */
    EXPLODING(
            "Do gradients explode where weights are large?",
            "initial weights",
            seed -> Stream.of(Activation.SIGMOID, Activation.RELU)
                    .flatMap(activation -> DoubleStream.of(1, 10, 100)
                            .mapToObj(scale -> deep(
                                    activation.name().toLowerCase(Locale.ROOT) + " ×" + number(scale),
                                    8,
                                    activation,
                                    scale,
                                    recipe(2, 64, 0.001, seed))))
                    .toList()),
    /** Learning rates over five decades. */
    LEARNING_RATE(
            "Which learning rates can be used?",
            "learning rate",
            seed -> DoubleStream.of(1e-4, 1e-3, 1e-2, 1e-1, 1, 10)
                    .mapToObj(rate -> reference(number(rate), 1, recipe(1, 64, rate, seed)))
                    .toList()),
    /** Batches of 2 to 512 images. The learning rate grows with the batch, so that an image counts the same in all. */
    BATCH_SIZE(
            "How small may a batch be?",
            "images in a batch",
            seed -> IntStream.of(2, 4, 8, 16, 32, 64, 128, 256, 512)
                    .mapToObj(size -> reference(String.valueOf(size), 1, recipe(1, size, size * 0.001 / 64, seed)))
                    .toList()),
    /** Initial weights of the reference CNN over four decades. */
    INIT(
            "How much does the scale of the initial weights matter?",
            "initial weights",
            seed -> DoubleStream.of(0.01, 0.1, 1, 10, 100)
                    .mapToObj(scale -> reference("×" + number(scale), scale, recipe(1, 64, 0.001, seed)))
                    .toList());

    /** The largest slope of a sigmoid, where its input is 0. */
    public static final double SIGMOID_SLOPE = 0.25;

    private static final double MOMENTUM = 0.9;

    private final String question;
    private final String axis;
    private final LongFunction<List<Setting>> settings;

    Experiment(String question, String axis, LongFunction<List<Setting>> settings) {
        this.question = question;
        this.axis = axis;
        this.settings = settings;
    }

    /** {@return what it asks} */
    public String question() {
        return question;
    }

    /** {@return what its settings differ in} */
    public String axis() {
        return axis;
    }

    /** {@return the experiment's name on the command line} */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    List<Setting> settings(long seed) {
        return settings.apply(seed);
    }

    private static Setting half(String name, IntPredicate trained, long seed) {
        return new Setting(name, 8, Activation.SIGMOID, 1, trained, recipe(3, 64, 0.01, seed));
    }

    private static Setting reference(String name, double weightScale, Recipe recipe) {
        return new Setting(name, 0, Activation.RELU, weightScale, layer -> true, recipe);
    }

    private static Setting deep(String name, int depth, Activation activation, double weightScale, Recipe recipe) {
        return new Setting(name, depth, activation, weightScale, layer -> true, recipe);
    }

    private static Recipe recipe(int epochs, int batchSize, double learningRate, long seed) {
        return Recipe.REFERENCE
                .withName("experiment")
                .withEpochs(epochs)
                .withBatchSize(batchSize)
                .withLearningRate(learningRate)
                .withMomentum(MOMENTUM)
                .withSeed(seed);
    }

    private static String number(double value) {
        return new BigDecimal(String.valueOf(value)).stripTrailingZeros().toPlainString();
    }

    /**
     * One step of an experiment: its networks, which differ in the norm only, and how they are trained.
     *
     * @param name its name in tables and charts
     * @param depth the number of hidden layers, dense and of the same size; 0 for the reference CNN
     * @param activation activation function of the hidden layers
     * @param weightScale factor of the initial weights of all layers but the output layer, which no batch normalization
     *     follows
     * @param trained hidden layers, counted from 1, that learn; the others keep their initial parameters
     * @param recipe how it is trained
     */
    record Setting(
            String name, int depth, Activation activation, double weightScale, IntPredicate trained, Recipe recipe) {
        private static final int UNITS = 64;

        /** {@return the network with a norm, its weights as they are when training starts} */
        MultiLayerNetwork network(Norm norm, InputTypeConvolutional input, int classes) {
            MultiLayerNetwork network = ReferenceCnn.initialise(
                    depth == 0 ? ReferenceCnn.configuration(norm, input, classes, recipe) : deep(norm, input, classes));
            for (Layer layer : network.getLayers()) {
                INDArray weights = layer.paramTable().get(DefaultParamInitializer.WEIGHT_KEY);
                if (weights != null && layer != network.getOutputLayer()) {
                    weights.muli(weightScale);
                }
            }
            return network;
        }

        /** Batch normalization, if any, stands between a layer's linear map and its activation. */
        private MultiLayerConfiguration deep(Norm norm, InputType input, int classes) {
            var layers = new NeuralNetConfiguration.Builder()
                    .seed(recipe.seed())
                    .updater(recipe.updater())
                    .weightInit(WeightInit.UNIFORM)
                    .list();
            for (int i = 1; i <= depth; i++) {
                IUpdater updater = trained.test(i) ? recipe.updater() : new Sgd(0);
                layers.layer(new DenseLayer.Builder()
                        .name("dense" + i)
                        .nOut(UNITS)
                        .hasBias(norm == Norm.NONE)
                        .activation(Activation.IDENTITY)
                        .updater(updater)
                        .build());
                norm.layer("bn" + i).ifPresent(layer -> {
                    ((BaseLayer) layer).setIUpdater(updater);
                    layers.layer(layer);
                });
                layers.layer(new ActivationLayer(activation));
            }
            return layers.layer(new OutputLayer.Builder(LossFunction.MCXENT)
                            .name("output")
                            .nOut(classes)
                            .activation(Activation.SOFTMAX)
                            .build())
                    .setInputType(input)
                    .build();
        }
    }
}
