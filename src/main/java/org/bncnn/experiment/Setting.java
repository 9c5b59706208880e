package org.bncnn.experiment;

import org.bncnn.model.Recipe;
import org.nd4j.linalg.activations.Activation;

/**
 * What is done to the networks of one step of an experiment.
 *
 * @param name of it, as tables and charts show it
 * @param depth hidden layers of a {@link DeepNetwork}; 0 for the reference CNN
 * @param activation of the hidden layers
 * @param weightScale what the initial weights are multiplied by
 * @param recipe that it is trained by
 */
record Setting(String name, int depth, Activation activation, double weightScale, Recipe recipe) {}
