package org.bncnn.spark;

import java.io.Serializable;
import org.bncnn.engine.Engine;

/**
 * What a worker must know before its first round.
 *
 * @param id of this training in this driver, so that a worker tells it from another
 * @param configuration of the network, DL4J's JSON
 * @param engine that it computes with
 * @param batchSize of each worker
 * @param seed for the order of the images
 */
record Job(String id, String configuration, Engine engine, int batchSize, long seed) implements Serializable {}
