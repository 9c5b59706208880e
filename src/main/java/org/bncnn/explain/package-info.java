/**
 * Batch normalization explained by an example small enough to follow with a pencil, whose numbers the layers themselves
 * compute.
 */
package org.bncnn.explain;
