/**
 * The training loop around {@code MultiLayerNetwork.fit}, in this process or on a cluster, its metrics, and the run
 * folder that it leaves.
 */
package org.bncnn.train;
