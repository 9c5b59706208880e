/**
 * Experiments that show where batch normalization helps: the same network with and without it where training is hard.
 * Gradients that vanish or explode, layers that do not learn, learning rates over decades, batches of all sizes,
 * initial weights of all scales; on real images.
 */
package org.bncnn.experiment;
