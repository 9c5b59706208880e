/**
 * What {@code bncnn bench} compares Deeplearning4j with: PyTorch and ONNX Runtime.
 *
 * <p>Only Maven's profile {@code bench} compiles it. {@code org.bncnn.bench} finds its implementations by
 * {@link java.util.ServiceLoader}.
 */
package org.bncnn.bench.peer;
