package org.bncnn.cli;

import java.util.Iterator;
import org.bncnn.model.Augmentation;
import org.bncnn.model.Recipe;
import org.bncnn.model.Schedule;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code --recipe NAME}, and the options that depart from it. */
final class RecipeOption {
    @Option(
            names = "--recipe",
            paramLabel = "NAME",
            description = "Training choices, for all that is not chosen here: ${COMPLETION-CANDIDATES}; see below.",
            completionCandidates = Names.class,
            defaultValue = "reference")
    private Recipe recipe;

    @Option(names = "--epochs", paramLabel = "N", description = "Passes over the training images.")
    private Integer epochs;

    @Option(names = "--batch-size", paramLabel = "N", description = "Images per step.")
    private Integer batchSize;

    @Option(names = "--learning-rate", paramLabel = "RATE", description = "Of SGD; the highest one of a schedule.")
    private Double learningRate;

    @Option(names = "--momentum", paramLabel = "SHARE", description = "Heavy-ball momentum, at least 0 and below 1.")
    private Double momentum;

    @Option(names = "--seed", paramLabel = "N", description = "For parameters, order and augmentation of the images.")
    private Long seed;

    @Option(names = "--schedule", paramLabel = "NAME", description = "Of the learning rate: ${COMPLETION-CANDIDATES}.")
    private Schedule schedule;

    @Option(names = "--weight-decay", paramLabel = "RATE", description = "Weight decay, times the learning rate.")
    private Double weightDecay;

    @Option(names = "--label-smoothing", paramLabel = "SHARE", description = "Share of labels spread over all classes.")
    private Double labelSmoothing;

    @Option(names = "--flip", negatable = true, description = "Turn half of the training images left to right.")
    private Boolean flip;

    @Option(names = "--shift", paramLabel = "PIXELS", description = "Move training images by up to PIXELS.")
    private Integer shift;

    @Option(names = "--erase", paramLabel = "SHARE", description = "Erase a rectangle in this share of the images.")
    private Double erase;

    @Option(
            names = "--average-weights",
            paramLabel = "DECAY",
            description = "Measure and keep a moving average of the parameters, such as 0.999.")
    private Double averaging;

    @Option(
            names = "--validation",
            paramLabel = "N",
            description = "Measure on N validation images, of the dataset's folder val or held out of the training"
                    + " images; the test set stays untouched.")
    private Integer validation;

    @Option(names = "--test-at-end", negatable = true, description = "Measure on the test images only at the end.")
    private Boolean testAtEnd;

    @Option(
            names = "--early-stopping",
            paramLabel = "N",
            description = "Stop after N epochs without improvement on the validation images; restore the best network.")
    private Integer patience;

    /** Describes the recipes in the command's help. */
    @Spec(Spec.Target.MIXEE)
    void describe(CommandSpec command) {
        // What is as in this one need not be said.
        Recipe plain = Recipe.REFERENCE
                .withEpochs(1)
                .withBatchSize(1)
                .withLearningRate(1)
                .withMomentum(0)
                .withSeed(0);
        command.usageMessage()
                .footer(Recipe.NAMED.stream()
                        .map(known -> "%nRecipe " + known.name() + ": " + known.optionsBeyond(plain))
                        .toArray(String[]::new));
    }

    /** @throws IllegalArgumentException if the options make no sense */
    Recipe recipe() {
        Augmentation augmentation = recipe.augmentation();
        return recipe.withEpochs(or(epochs, recipe.epochs()))
                .withBatchSize(or(batchSize, recipe.batchSize()))
                .withLearningRate(or(learningRate, recipe.learningRate()))
                .withMomentum(or(momentum, recipe.momentum()))
                .withSeed(or(seed, recipe.seed()))
                .withSchedule(or(schedule, recipe.schedule()))
                .withWeightDecay(or(weightDecay, recipe.weightDecay()))
                .withLabelSmoothing(or(labelSmoothing, recipe.labelSmoothing()))
                .withAugmentation(new Augmentation(
                        or(flip, augmentation.flip()),
                        or(shift, augmentation.shift()),
                        or(erase, augmentation.erase())))
                .withAveraging(or(averaging, recipe.averaging()))
                .withValidation(or(validation, recipe.validation()))
                .withTestAtEnd(or(testAtEnd, recipe.testAtEnd()))
                .withPatience(or(patience, recipe.patience()));
    }

    private static <T> T or(T chosen, T otherwise) {
        return chosen == null ? otherwise : chosen;
    }

    /** The names of the recipes. */
    static final class Names implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return Recipe.NAMED.stream().map(Recipe::name).iterator();
        }
    }
}
