/**
 * Batch normalization explained by an example small enough to follow with a pencil, whose numbers the layers themselves
 * compute.
 *
 * <p>Depends on {@code norm}.
 */
package org.bncnn.explain;
