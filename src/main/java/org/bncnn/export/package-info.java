/**
 * Models in forms that others read: DL4J without a class of ours; ONNX, in a package of its own.
 *
 * <p>Depends on {@code store}, {@code model} and {@code norm}.
 */
package org.bncnn.export;
