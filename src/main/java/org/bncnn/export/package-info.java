/**
 * Models in forms that others read, and models of weights that others trained: DL4J without a class of ours, PyTorch,
 * and ONNX in a package of its own.
 */
package org.bncnn.export;
