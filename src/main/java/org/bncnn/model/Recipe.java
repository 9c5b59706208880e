package org.bncnn.model;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import java.io.Serializable;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.nd4j.linalg.learning.config.IUpdater;

/**
 * A named set of training choices. To make one, change another: {@code Recipe.REFERENCE.withEpochs(5).withSeed(7)}.
 *
 * <p>Files from before there were schedules end with the seed; what comes after it may be missing.
 *
 * @param name name of the recipe on the command line and in files
 * @param epochs passes over the training set, 1 to {@value #MOST_EPOCHS}
 * @param batchSize images per step, at least 1; an epoch's last batch may be smaller
 * @param learningRate learning rate of SGD, the highest one of a schedule; above 0 and finite in single precision
 * @param momentum heavy-ball momentum, in [0, 1)
 * @param seed seed of the initial parameters, the order of the images and their augmentation
 * @param schedule course of the learning rate from epoch to epoch
 * @param weightDecay share of the weights, times the learning rate, that each step takes off them, but not off biases,
 *     γ and β; at least 0 and finite in single precision
 * @param labelSmoothing share of the labels that is spread evenly over all classes, in [0, 1)
 * @param augmentation changes of the training images
 * @param averaging share of itself that a moving average of the parameters keeps at each step, in [0, 1); the average
 *     is measured and kept. 0 for the parameters themselves
 * @param validation number of validation images, the dataset's own or held out, instead of test images; 0 for none
 * @param testAtEnd whether the test images are measured once, at the end, and not after each epoch
 * @param patience epochs without improvement on the validation images after which training ends, with the best
 *     network; 0 for any number
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

    /** Far more than needed: a cosine schedule stores a learning rate for each epoch, in each checkpoint. */
    static final int MOST_EPOCHS = 10_000;

    /** The article's training loop: SGD with learning rate 0.001 and momentum 0.9, batches of 64, 10 epochs. */
    public static final Recipe REFERENCE =
            new Recipe("reference", 10, 64, 0.001, 0.9, 1, Schedule.CONSTANT, 0, 0, Augmentation.NONE, 0, 0, false, 0);

    /** The same network more accurate: more epochs, a falling learning rate, weight decay, augmentation, averaging. */
    public static final Recipe BEST = REFERENCE
            .withName("best")
            .withEpochs(150)
            .withLearningRate(0.1)
            .withSchedule(Schedule.COSINE)
            .withWeightDecay(0.001)
            .withAugmentation(new Augmentation(true, 1, 0.3))
            .withAveraging(0.9995)
            .withTestAtEnd(true);

    /** The recipes that the command line knows. */
    public static final List<Recipe> NAMED = List.of(REFERENCE, BEST);

    /** Checks the components. */
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

    /**
     * {@return the recipe of a name, if there is one}
     *
     * @param name what to look for among {@link #NAMED}
     */
    public static Optional<Recipe> named(String name) {
        return NAMED.stream().filter(recipe -> recipe.name.equals(name)).findFirst();
    }

    private static void requireShare(double value, String what) {
        require(value >= 0 && value < 1, what, value, "at least 0 and below 1");
    }

    private static void require(boolean holds, String what, Number value, String expected) {
        if (!holds) {
            throw new IllegalArgumentException(what + " must be " + expected + ", not " + value);
        }
    }

    /** A copy that can be changed before it is checked. */
    private final class Draft {
        private String name = Recipe.this.name;
        private int epochs = Recipe.this.epochs;
        private int batchSize = Recipe.this.batchSize;
        private double learningRate = Recipe.this.learningRate;
        private double momentum = Recipe.this.momentum;
        private long seed = Recipe.this.seed;
        private Schedule schedule = Recipe.this.schedule;
        private double weightDecay = Recipe.this.weightDecay;
        private double labelSmoothing = Recipe.this.labelSmoothing;
        private Augmentation augmentation = Recipe.this.augmentation;
        private double averaging = Recipe.this.averaging;
        private int validation = Recipe.this.validation;
        private boolean testAtEnd = Recipe.this.testAtEnd;
        private int patience = Recipe.this.patience;

        Recipe recipe() {
            return new Recipe(
                    name,
                    epochs,
                    batchSize,
                    learningRate,
                    momentum,
                    seed,
                    schedule,
                    weightDecay,
                    labelSmoothing,
                    augmentation,
                    averaging,
                    validation,
                    testAtEnd,
                    patience);
        }
    }

    private Recipe with(Consumer<Draft> change) {
        Draft draft = new Draft();
        change.accept(draft);
        return draft.recipe();
    }

    /**
     * {@return this recipe with another name}
     *
     * @param name what the recipe is called
     */
    public Recipe withName(String name) {
        return with(draft -> draft.name = name);
    }

    /**
     * {@return this recipe with another number of epochs}
     *
     * @param epochs passes over the training set
     */
    public Recipe withEpochs(int epochs) {
        return with(draft -> draft.epochs = epochs);
    }

    /**
     * {@return this recipe with another batch size}
     *
     * @param batchSize images per step
     */
    public Recipe withBatchSize(int batchSize) {
        return with(draft -> draft.batchSize = batchSize);
    }

    /**
     * {@return this recipe with another learning rate}
     *
     * @param learningRate learning rate, or the highest one of a schedule
     */
    public Recipe withLearningRate(double learningRate) {
        return with(draft -> draft.learningRate = learningRate);
    }

    /**
     * {@return this recipe with another momentum}
     *
     * @param momentum heavy-ball momentum
     */
    public Recipe withMomentum(double momentum) {
        return with(draft -> draft.momentum = momentum);
    }

    /**
     * {@return this recipe with another seed}
     *
     * @param seed seed of parameters, order and augmentation
     */
    public Recipe withSeed(long seed) {
        return with(draft -> draft.seed = seed);
    }

    /**
     * {@return this recipe with another schedule}
     *
     * @param schedule course of the learning rate
     */
    public Recipe withSchedule(Schedule schedule) {
        return with(draft -> draft.schedule = schedule);
    }

    /**
     * {@return this recipe with another weight decay}
     *
     * @param weightDecay share of the weights, times the learning rate
     */
    public Recipe withWeightDecay(double weightDecay) {
        return with(draft -> draft.weightDecay = weightDecay);
    }

    /**
     * {@return this recipe with another label smoothing}
     *
     * @param labelSmoothing share of the labels
     */
    public Recipe withLabelSmoothing(double labelSmoothing) {
        return with(draft -> draft.labelSmoothing = labelSmoothing);
    }

    /**
     * {@return this recipe with another augmentation}
     *
     * @param augmentation changes of the training images
     */
    public Recipe withAugmentation(Augmentation augmentation) {
        return with(draft -> draft.augmentation = augmentation);
    }

    /**
     * {@return this recipe with another average}
     *
     * @param averaging share of itself that the average keeps; 0 for no average
     */
    public Recipe withAveraging(double averaging) {
        return with(draft -> draft.averaging = averaging);
    }

    /**
     * {@return this recipe with another number of validation images}
     *
     * @param validation number of validation images; 0 for none
     */
    public Recipe withValidation(int validation) {
        return with(draft -> draft.validation = validation);
    }

    /**
     * {@return this recipe with another choice about the test images}
     *
     * @param testAtEnd whether the test images wait until the end
     */
    public Recipe withTestAtEnd(boolean testAtEnd) {
        return with(draft -> draft.testAtEnd = testAtEnd);
    }

    /**
     * {@return this recipe with another patience}
     *
     * @param patience epochs without improvement; 0 for any number
     */
    public Recipe withPatience(int patience) {
        return with(draft -> draft.patience = patience);
    }

    /**
     * {@return the size of an epoch's last batch}
     *
     * @param images number of training images, at least 1
     */
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

    /**
     * {@return the options of {@code bncnn train} that make this recipe of another one}
     *
     * @param other the recipe to begin with
     */
    public String optionsBeyond(Recipe other) {
        List<String> same = other.options();
        return options().stream().filter(option -> !same.contains(option)).collect(Collectors.joining(" "));
    }

    /** {@return the updater of this recipe} */
    public IUpdater updater() {
        return schedule == Schedule.CONSTANT
                ? new HeavyBall(learningRate, momentum)
                : new HeavyBall(learningRate, schedule.of(learningRate, epochs), momentum);
    }
}
