package org.bncnn.experiment;

import java.util.function.IntPredicate;
import org.bncnn.model.Recipe;
import org.nd4j.linalg.activations.Activation;

/**
 * What is done to the networks of one step of an experiment.
 *
 * @param name of it, as tables and charts show it
 * @param depth hidden layers of a {@link DeepNetwork}; 0 for the reference CNN
 * @param activation of the hidden layers
 * @param weightScale factor of the initial weights of all layers but the output layer, which no batch normalization follows
 * @param trained layers of a {@link DeepNetwork} that learn; the others keep their initial parameters
 * @param recipe that it is trained by
 */
record Setting(String name, int depth, Activation activation, double weightScale, IntPredicate trained, Recipe recipe) {
    /** All layers learn. */
    Setting(String name, int depth, Activation activation, double weightScale, Recipe recipe) {
        this(name, depth, activation, weightScale, layer -> true, recipe);
    }
}
