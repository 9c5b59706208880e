package org.bncnn.train;

/**
 * A loss while an epoch is trained.
 *
 * @param epoch counted from 1
 * @param batch counted from 1 in each epoch
 * @param meanLoss mean over the batches since the last report
 */
public record LossReport(int epoch, int batch, double meanLoss) {}
