/**
 * What a network gives: how well it classifies, and what passes through its layers. Results are immutable, apart from the text they are shown as.
 *
 * <p>Depends on DL4J and {@code text} only.
 */
package org.bncnn.eval;
