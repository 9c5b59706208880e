package org.bncnn.experiment;

import java.math.BigDecimal;
import java.util.List;
import java.util.Locale;
import java.util.function.IntPredicate;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bncnn.model.Recipe;
import org.nd4j.linalg.activations.Activation;

/** A question about batch normalization, and the networks that answer it. */
public enum Experiment {
    /** The article's: each sigmoid's slope is at most 0.25, so that the gradient shrinks with each layer it passes. */
    VANISHING("Do gradients vanish in deep networks of sigmoids?", "hidden layers") {
        @Override
        List<Setting> settings(long seed) {
            return IntStream.of(2, 4, 8, 16)
                    .mapToObj(depth ->
                            new Setting(String.valueOf(depth), depth, Activation.SIGMOID, 1, recipe(3, 64, 0.01, seed)))
                    .toList();
        }
    },
    /** Which layers keep a deep network of sigmoids from learning: those that get no gradient, or those behind them? */
    HALVES("Which half keeps a deep network of sigmoids from learning?", "layers that learn") {
        @Override
        List<Setting> settings(long seed) {
            return List.of(
                    half("all 8", layer -> true, seed),
                    half("5 to 8", layer -> layer > 4, seed),
                    half("1 to 4", layer -> layer <= 4, seed));
        }

        private Setting half(String name, IntPredicate trained, long seed) {
            return new Setting(name, 8, Activation.SIGMOID, 1, trained, recipe(3, 64, 0.01, seed));
        }
    },
    /**
     * The article's: weights of 100 make it grow with each layer; with sigmoids less, because most of them saturate. Behind batch
     * normalization it shrinks in proportion (Ioffe &amp; Szegedy 2015, §3.3).
     */
    EXPLODING("Do gradients explode where weights are large?", "initial weights") {
        @Override
        List<Setting> settings(long seed) {
            return Stream.of(Activation.SIGMOID, Activation.RELU)
                    .flatMap(activation -> DoubleStream.of(1, 10, 100)
                            .mapToObj(scale -> new Setting(
                                    activation.name().toLowerCase(Locale.ROOT) + " ×" + number(scale),
                                    8,
                                    activation,
                                    scale,
                                    recipe(2, 64, 0.001, seed))))
                    .toList();
        }
    },
    LEARNING_RATE("Which learning rates can be used?", "learning rate") {
        @Override
        List<Setting> settings(long seed) {
            return DoubleStream.of(1e-4, 1e-3, 1e-2, 1e-1, 1, 10)
                    .mapToObj(rate -> reference(number(rate), 1, recipe(1, 64, rate, seed)))
                    .toList();
        }
    },
    /** The learning rate grows with the batch, so that an image counts the same in all. */
    BATCH_SIZE("How small may a batch be?", "images in a batch") {
        @Override
        List<Setting> settings(long seed) {
            return IntStream.of(2, 4, 8, 16, 32, 64, 128, 256, 512)
                    .mapToObj(size -> reference(String.valueOf(size), 1, recipe(1, size, size * 0.001 / 64, seed)))
                    .toList();
        }
    },
    INIT("How much does the scale of the initial weights matter?", "initial weights") {
        @Override
        List<Setting> settings(long seed) {
            return DoubleStream.of(0.01, 0.1, 1, 10, 100)
                    .mapToObj(scale -> reference("×" + number(scale), scale, recipe(1, 64, 0.001, seed)))
                    .toList();
        }
    };

    /** The largest slope of a sigmoid, where its input is 0. */
    public static final double SIGMOID_SLOPE = 0.25;

    private static final double MOMENTUM = 0.9;

    private final String question;
    private final String axis;

    Experiment(String question, String axis) {
        this.question = question;
        this.axis = axis;
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

    abstract List<Setting> settings(long seed);

    private static Setting reference(String name, double weightScale, Recipe recipe) {
        return new Setting(name, 0, Activation.RELU, weightScale, recipe);
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
}
