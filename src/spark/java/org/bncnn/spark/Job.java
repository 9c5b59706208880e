package org.bncnn.spark;

import java.io.Serializable;
import org.bncnn.engine.Engine;
import org.bncnn.model.Recipe;

/**
 * What a worker must know before its first round.
 *
 * @param id of this training in this driver, so that a worker tells it from another
 * @param configuration of the network, DL4J's JSON
 * @param engine that it computes with
 * @param batchSize of each worker
 * @param recipe for the images' order and augmentation
 */
record Job(String id, String configuration, Engine engine, int batchSize, Recipe recipe) implements Serializable {}
