package org.bncnn.train;

import java.util.Objects;
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
            throw new IllegalArgumentException("checkpoints must be at least 0 batches apart, not " + checkpointEvery);
        }
        if (keepCheckpoints < 1) {
            throw new IllegalArgumentException("checkpoints to keep must be at least 1, not " + keepCheckpoints);
        }
    }

    /** {@return the same, spread over a cluster} */
    public TrainingSettings on(ClusterSettings other) {
        return new TrainingSettings(norm, recipe, engine, data, checkpointEvery, keepCheckpoints, invert, other);
    }
}
