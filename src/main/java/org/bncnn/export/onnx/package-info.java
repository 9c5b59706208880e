/**
 * Models as ONNX, which runtimes in many languages read; DL4J writes none.
 *
 * <p>ONNX's messages are the classes that nd4j-api brings for reading such files. Depends on {@code store}, {@code norm} and
 * {@code export}.
 */
package org.bncnn.export.onnx;
