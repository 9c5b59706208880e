package org.bncnn.train;

import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.bncnn.data.Inversion;
import org.bncnn.engine.Engine;
import org.bncnn.model.Norm;
import org.bncnn.model.Recipe;

/**
 * All options of a training, so that it can be resumed: {@code training.json} of its run folder. To make one, begin
 * with {@link #of}.
 *
 * @param norm batch normalization of the network
 * @param recipe the training choices
 * @param engine the engine that computes the network
 * @param data location of the images, as {@code --data} names it; null for the default dataset
 * @param checkpointEvery number of batches between checkpoints within an epoch; 0 for none within
 * @param keepCheckpoints number of checkpoints that are kept, the last ones; at least 1
 * @param invert which images the network sees inverted; null for the dataset's own choice
 * @param cluster the cluster that the training is spread over; null for this process alone
 */
public record TrainingSettings(
        Norm norm,
        Recipe recipe,
        Engine engine,
        String data,
        int checkpointEvery,
        int keepCheckpoints,
        Inversion invert,
        ClusterSettings cluster) {
    /** Checks the components. */
    public TrainingSettings {
        Objects.requireNonNull(norm, "norm");
        Objects.requireNonNull(recipe, "recipe");
        Objects.requireNonNull(engine, "engine");
        if (checkpointEvery < 0) {
            throw new IllegalArgumentException("checkpoint every must be at least 0 batches, not " + checkpointEvery);
        }
        if (keepCheckpoints < 1) {
            throw new IllegalArgumentException("keep checkpoints must be at least 1, not " + keepCheckpoints);
        }
    }

    /**
     * {@return settings of a training in this process}: with the default dataset, and the last 3 checkpoints kept
     *
     * @param norm batch normalization of the network
     * @param recipe the training choices
     * @param engine the engine that computes the network
     */
    public static TrainingSettings of(Norm norm, Recipe recipe, Engine engine) {
        return new TrainingSettings(norm, recipe, engine, null, 0, 3, null, null);
    }

    /**
     * {@return these settings with other images}
     *
     * @param location location of the images; null for the default dataset
     * @param inverted which images the network sees inverted; null for the dataset's own choice
     */
    public TrainingSettings withData(String location, Inversion inverted) {
        return new TrainingSettings(
                norm, recipe, engine, location, checkpointEvery, keepCheckpoints, inverted, cluster);
    }

    /**
     * {@return these settings with checkpoints within each epoch}
     *
     * @param batches number of batches between two checkpoints; 0 for none within
     */
    public TrainingSettings withCheckpointEvery(int batches) {
        return new TrainingSettings(norm, recipe, engine, data, batches, keepCheckpoints, invert, cluster);
    }

    /**
     * {@return these settings with another number of checkpoints}
     *
     * @param kept number of checkpoints that are kept
     */
    public TrainingSettings withKeepCheckpoints(int kept) {
        return new TrainingSettings(norm, recipe, engine, data, checkpointEvery, kept, invert, cluster);
    }

    /**
     * {@return these settings spread over a cluster}
     *
     * @param spread the cluster; null for this process alone
     */
    public TrainingSettings on(ClusterSettings spread) {
        return new TrainingSettings(norm, recipe, engine, data, checkpointEvery, keepCheckpoints, invert, spread);
    }

    /**
     * Makes sure that a training began with these settings.
     *
     * @throws IllegalArgumentException if it did not; the message names the options
     */
    void requireSame(Provenance begun) {
        List<String> now = options(norm.toString(), engine.toString(), recipe);
        List<String> before = options(begun.norm(), begun.engine(), begun.recipe());
        if (!now.equals(before)) {
            throw new IllegalArgumentException(
                    "says " + beyond(now, before) + ", but provenance.json says " + beyond(before, now));
        }
    }

    private static List<String> options(String norm, String engine, Recipe recipe) {
        return Stream.concat(
                        Stream.of("--norm " + norm, "--engine " + engine, "--recipe " + recipe.name()),
                        recipe.options().stream())
                .toList();
    }

    private static String beyond(List<String> options, List<String> others) {
        return options.stream().filter(option -> !others.contains(option)).collect(Collectors.joining(" "));
    }
}
