package org.bncnn.spark;

import java.io.Serializable;

/**
 * What every worker begins a round with.
 *
 * @param epoch counted from 0
 * @param sizes how many images each worker has
 * @param firstBatch each worker goes on behind so many of its batches
 * @param batches each worker trains so many, or as many as it has left
 * @param parameters of the network
 * @param updaterState empty if the updater has none
 * @param iteration how many steps the network has seen
 */
record Round(
        int epoch, int[] sizes, int firstBatch, int batches, float[] parameters, float[] updaterState, int iteration)
        implements Serializable {}
