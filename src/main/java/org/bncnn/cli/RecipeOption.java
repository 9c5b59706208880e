package org.bncnn.cli;

import java.util.Iterator;
import org.bncnn.model.Augmentation;
import org.bncnn.model.Recipe;
import org.bncnn.model.Schedule;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** {@code --recipe NAME}, and the options that depart from it. */
final class RecipeOption {
    @Option(
            names = "--recipe",
            paramLabel = "NAME",
            description = "Training choices, for all that is not chosen here: ${COMPLETION-CANDIDATES}; see below.",
            completionCandidates = Names.class,
            converter = ByName.class,
            defaultValue = "reference")
    private Recipe recipe;

    @Option(names = "--epochs", paramLabel = "N", description = "Passes over the training images.")
    private Integer epochs;

    @Option(names = "--batch-size", paramLabel = "N", description = "Images per step.")
    private Integer batchSize;

    @Option(
            names = "--learning-rate",
            paramLabel = "RATE",
            description = "Of stochastic gradient descent; the highest, if there is a schedule.")
    private Double learningRate;

    @Option(names = "--momentum", paramLabel = "SHARE", description = "Heavy-ball momentum, at least 0 and below 1.")
    private Double momentum;

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "For the initial parameters, the order of the images and their augmentation.")
    private Long seed;

    @Option(
            names = "--schedule",
            paramLabel = "NAME",
            description = "Of the learning rate, epoch by epoch: ${COMPLETION-CANDIDATES}.")
    private Schedule schedule;

    @Option(
            names = "--weight-decay",
            paramLabel = "RATE",
            description = "Times the learning rate: share of the weights that each step takes off them.")
    private Double weightDecay;

    @Option(
            names = "--label-smoothing",
            paramLabel = "SHARE",
            description = "Share of each label that is spread over all classes.")
    private Double labelSmoothing;

    @Option(names = "--flip", negatable = true, description = "Turn half of the training images left to right.")
    private Boolean flip;

    @Option(names = "--shift", paramLabel = "PIXELS", description = "Move training images by up to so many pixels.")
    private Integer shift;

    @Option(
            names = "--erase",
            paramLabel = "SHARE",
            description = "Erase a rectangle of so many of the training images.")
    private Double erase;

    @Option(
            names = "--average-weights",
            paramLabel = "DECAY",
            description = "Measure and keep a moving average of the parameters, such as 0.999.")
    private Double averaging;

    @Option(
            names = "--validation",
            paramLabel = "N",
            description =
                    "Measure on N validation images instead of the test images: of the dataset's folder val, or else held out of the"
                            + " training images.")
    private Integer validation;

    @Option(
            names = "--test-at-end",
            negatable = true,
            description = "Measure on the test images once, when training is over, and not after each epoch.")
    private Boolean testAtEnd;

    @Option(
            names = "--early-stopping",
            paramLabel = "N",
            description =
                    "End after so many epochs without higher accuracy on the validation images, with the network of the best.")
    private Integer patience;

    /** Tells in the command's help what the recipes are. */
    @Spec(Spec.Target.MIXEE)
    void tell(CommandSpec command) {
        Recipe plain = new Recipe("plain", 1, 1, 1, 0, 0); // what is as in this one need not be told
        command.usageMessage()
                .footer(Recipe.NAMED.stream()
                        .map(known -> "%nRecipe " + known.name() + ": " + known.optionsBeyond(plain))
                        .toArray(String[]::new));
    }

    /** @throws IllegalArgumentException if the options make no sense */
    Recipe recipe() {
        Augmentation augmentation = recipe.augmentation();
        return new Recipe(
                recipe.name(),
                or(epochs, recipe.epochs()),
                or(batchSize, recipe.batchSize()),
                or(learningRate, recipe.learningRate()),
                or(momentum, recipe.momentum()),
                or(seed, recipe.seed()),
                or(schedule, recipe.schedule()),
                or(weightDecay, recipe.weightDecay()),
                or(labelSmoothing, recipe.labelSmoothing()),
                new Augmentation(
                        or(flip, augmentation.flip()),
                        or(shift, augmentation.shift()),
                        or(erase, augmentation.erase())),
                or(averaging, recipe.averaging()),
                or(validation, recipe.validation()),
                or(testAtEnd, recipe.testAtEnd()),
                or(patience, recipe.patience()));
    }

    private static <T> T or(T chosen, T otherwise) {
        return chosen == null ? otherwise : chosen;
    }

    /** What can be chosen. */
    static final class Names implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return Recipe.NAMED.stream().map(Recipe::name).iterator();
        }
    }

    /** Finds a recipe. */
    static final class ByName implements ITypeConverter<Recipe> {
        @Override
        public Recipe convert(String name) {
            return Recipe.named(name)
                    .orElseThrow(() -> new TypeConversionException(
                            "there is no recipe " + name + "; choose one of " + String.join(", ", new Names())));
        }
    }
}
