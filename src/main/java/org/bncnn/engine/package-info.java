/**
 * Runs a stock DL4J {@code MultiLayerNetwork} as one plan of oneDNN primitives, several times as fast as DL4J runs it layer by layer.
 *
 * <p>{@link org.bncnn.engine.OneDnnNetwork#accelerate} is the way in. A {@code Compiler} turns the layers into {@code Stage}s, each of
 * which adds oneDNN primitives to a {@code Plan}; activations stay in oneDNN's own blocked layouts between them. Parameters, gradients,
 * updaters, listeners and files remain DL4J's.
 */
package org.bncnn.engine;
