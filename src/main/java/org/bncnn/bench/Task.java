package org.bncnn.bench;

import java.util.Locale;

/** What a contender is timed at. */
public enum Task {
    /** Steps of training: forward, loss, backward, update. */
    TRAIN,
    /** Classifying batches. */
    EVALUATE,
    /** Classifying one image that comes as a Java array, as an application would. */
    LATENCY;

    /** {@return the name used on the command line and in files} */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
