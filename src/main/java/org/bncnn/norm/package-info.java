/**
 * Batch normalization as a DL4J layer of its own: configuration, parameters, runtime and kernels.
 * {@link org.bncnn.norm.Normalization} says what any batch normalization layer is, DL4J's or ours.
 */
package org.bncnn.norm;
