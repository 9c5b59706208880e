package org.bncnn.spark;

import java.io.Serializable;

/**
 * What a worker ends a round with.
 *
 * @param images that it trained; 0 if it had none left
 * @param losses of its batches
 * @param parameters of its copy of the network
 * @param updaterState empty if the updater has none
 */
record Contribution(int images, double[] losses, float[] parameters, float[] updaterState) implements Serializable {}
