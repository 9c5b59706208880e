/**
 * Models in forms that others read, and weights that others wrote: DL4J without a class of ours, PyTorch; ONNX, in a package of its own.
 *
 * <p>Depends on {@code store}, {@code model}, {@code norm} and, for the classes of Fashion-MNIST, {@code data}.
 */
package org.bncnn.export;
