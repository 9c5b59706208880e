package org.bncnn.model;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import java.io.Serializable;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.nd4j.linalg.learning.config.IUpdater;

/**
 * A named set of training choices. Files from before there were schedules end with the seed; what comes after it may be missing.
 *
 * @param name what the recipe is called on the command line and in files
 * @param epochs passes over the training set, 1 to {@value #MOST_EPOCHS}
 * @param batchSize images per step, at least 1; an epoch's last batch may be smaller
 * @param learningRate of stochastic gradient descent, above 0 and finite, also in single precision; the highest, where there is a schedule
 * @param momentum heavy-ball momentum, in [0, 1)
 * @param seed for the initial parameters, the order of the images and their augmentation
 * @param schedule how the learning rate changes from epoch to epoch
 * @param weightDecay share of the weights, times the learning rate, that each step takes off them, at least 0 and finite, also in single precision; biases, γ and β are spared
 * @param labelSmoothing share of the labels that is spread evenly over all classes, in [0, 1)
 * @param augmentation how training images are changed
 * @param averaging what is measured and kept is a moving average of the parameters that keeps this share of itself at each step; 0 for
 *     the parameters themselves
 * @param validation number of validation images, which are measured instead of the test images: the dataset's own, or training images
 *     that are held out; 0 for none
 * @param testAtEnd whether the test images are measured once, when training is over, and not after each epoch
 * @param patience training ends after so many epochs without improvement on the validation images, with the best network; 0 for never
 */
public record Recipe(
        String name,
        int epochs,
        int batchSize,
        double learningRate,
        double momentum,
        long seed,
        Schedule schedule,
        @JsonSetter(nulls = Nulls.AS_EMPTY) double weightDecay,
        @JsonSetter(nulls = Nulls.AS_EMPTY) double labelSmoothing,
        Augmentation augmentation,
        @JsonSetter(nulls = Nulls.AS_EMPTY) double averaging,
        @JsonSetter(nulls = Nulls.AS_EMPTY) int validation,
        @JsonSetter(nulls = Nulls.AS_EMPTY) boolean testAtEnd,
        @JsonSetter(nulls = Nulls.AS_EMPTY) int patience)
        implements Serializable {
    private static final long serialVersionUID = 1L;

    /** Far beyond what a training needs: a cosine schedule stores a learning rate for each epoch, in each checkpoint. */
    static final int MOST_EPOCHS = 10_000;

    /** The article's training loop: SGD with learning rate 0.001 and momentum 0.9, batches of 64, 10 epochs. */
    public static final Recipe REFERENCE = new Recipe("reference", 10, 64, 0.001, 0.9, 1);

    /** For the accuracy of the same network: longer, with a falling learning rate, weight decay, augmentation and averaged weights. */
    public static final Recipe BEST = new Recipe(
            "best",
            150,
            64,
            0.1,
            0.9,
            1,
            Schedule.COSINE,
            0.001,
            0,
            new Augmentation(true, 1, 0.3),
            0.9995,
            0,
            true,
            0);

    /** Those that have a name. */
    public static final List<Recipe> NAMED = List.of(REFERENCE, BEST);

    public Recipe {
        Objects.requireNonNull(name, "name");
        schedule = schedule == null ? Schedule.CONSTANT : schedule;
        augmentation = augmentation == null ? Augmentation.NONE : augmentation;
        require(epochs >= 1 && epochs <= MOST_EPOCHS, "epochs", epochs, "1 to " + MOST_EPOCHS);
        require(batchSize >= 1, "batch size", batchSize, "at least 1");
        require(
                (float) learningRate > 0 && Float.isFinite((float) learningRate),
                "learning rate",
                learningRate,
                "above 0 and finite in single precision");
        requireShare(momentum, "momentum");
        require(
                weightDecay >= 0 && Float.isFinite((float) weightDecay),
                "weight decay",
                weightDecay,
                "at least 0 and finite in single precision");
        requireShare(labelSmoothing, "label smoothing");
        requireShare(averaging, "average weights");
        require(validation >= 0, "validation", validation, "at least 0 images");
        require(patience >= 0, "early stopping", patience, "at least 0 epochs");
        if (patience > 0 && validation == 0) {
            throw new IllegalArgumentException(
                    "early stopping needs --validation: ending by the test images would be training on them");
        }
    }

    /** Without schedule, regularization, augmentation, averaging, validation. */
    public Recipe(String name, int epochs, int batchSize, double learningRate, double momentum, long seed) {
        this(
                name,
                epochs,
                batchSize,
                learningRate,
                momentum,
                seed,
                Schedule.CONSTANT,
                0,
                0,
                Augmentation.NONE,
                0,
                0,
                false,
                0);
    }

    private static void requireShare(double value, String what) {
        require(value >= 0 && value < 1, what, value, "at least 0 and below 1");
    }

    private static void require(boolean holds, String what, Number value, String expected) {
        if (!holds) {
            throw new IllegalArgumentException(what + " must be " + expected + ", not " + value);
        }
    }

    /** {@return the size of an epoch's last batch}, if there are so many images, at least 1 */
    public int lastBatchSize(int images) {
        return (images - 1) % batchSize + 1;
    }

    /** {@return whether networks are measured after each epoch, and not only at the end} */
    public boolean measuresEachEpoch() {
        return validation > 0 || !testAtEnd;
    }

    /** {@return its choices as options of {@code bncnn train}} */
    public List<String> options() {
        return List.of(
                "--epochs " + epochs,
                "--batch-size " + batchSize,
                "--learning-rate " + learningRate,
                "--momentum " + momentum,
                "--seed " + seed,
                "--schedule " + schedule,
                "--weight-decay " + weightDecay,
                "--label-smoothing " + labelSmoothing,
                augmentation.flip() ? "--flip" : "--no-flip",
                "--shift " + augmentation.shift(),
                "--erase " + augmentation.erase(),
                "--average-weights " + averaging,
                "--validation " + validation,
                testAtEnd ? "--test-at-end" : "--no-test-at-end",
                "--early-stopping " + patience);
    }

    /** {@return the options of {@code bncnn train} that make this recipe out of another one} */
    public String optionsBeyond(Recipe other) {
        List<String> same = other.options();
        return options().stream().filter(option -> !same.contains(option)).collect(Collectors.joining(" "));
    }

    /** {@return the recipe of a name}; empty if there is none */
    public static Optional<Recipe> named(String name) {
        return NAMED.stream().filter(recipe -> recipe.name.equals(name)).findFirst();
    }

    /** {@return the updater of this recipe} */
    public IUpdater updater() {
        return schedule == Schedule.CONSTANT
                ? new HeavyBall(learningRate, momentum)
                : new HeavyBall(learningRate, schedule.of(learningRate, epochs), momentum);
    }
}
