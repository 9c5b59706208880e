/**
 * Runs a stock DL4J {@code MultiLayerNetwork} as one plan of oneDNN primitives, several times as fast as layer by
 * layer.
 *
 * <p>Start at {@link org.bncnn.engine.OneDnnNetwork#accelerate}. A {@code Compiler} turns the layers into
 * {@code Stage}s, each of which adds oneDNN primitives to a {@code Plan}; activations stay in oneDNN's blocked layouts
 * between them.
 */
package org.bncnn.engine;
