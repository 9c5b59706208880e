/**
 * Models as ONNX, which runtimes in many languages read; DL4J writes none.
 *
 * <p>ONNX's messages are the classes with which nd4j-api reads such files.
 */
package org.bncnn.export.onnx;
