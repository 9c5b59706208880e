/**
 * What a network gives: how well it classifies, and what passes through its layers. Results are immutable and apart
 * from their text.
 */
package org.bncnn.eval;
