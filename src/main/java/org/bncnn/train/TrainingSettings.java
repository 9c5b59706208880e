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
 * Everything a training was told to do, so that it can be told again: {@code training.json} of its run folder.
 *
 * @param data where its images are, as {@code --data} has it; null for what that is without
 * @param checkpointEvery so many batches of an epoch, and at its end; 0 for its end alone
 * @param keepCheckpoints so many, the last ones; at least 1
 * @param invert which images the network sees inverted; null if the dataset says it
 * @param cluster that it is spread over; null for this process alone
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
     * Makes sure that these are the settings that a training began with, or going on would make another one of it.
     *
     * @throws IllegalArgumentException if they are others; the message names the options
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

    /** {@return the same, spread over a cluster} */
    public TrainingSettings on(ClusterSettings other) {
        return new TrainingSettings(norm, recipe, engine, data, checkpointEvery, keepCheckpoints, invert, other);
    }
}
