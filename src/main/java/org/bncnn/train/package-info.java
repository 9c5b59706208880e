/**
 * The training loop around {@code MultiLayerNetwork.fit}, what it reports as it goes, and the run folder it leaves.
 *
 * <p>Depends on {@code eval}, {@code store}, {@code model}, {@code data} and {@code backend}.
 */
package org.bncnn.train;
