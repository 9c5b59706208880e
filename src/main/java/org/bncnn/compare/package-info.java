/**
 * The norms side by side: parity of the batch normalization layers, what each does to training, and how fast each is.
 *
 * <p>Depends on {@code train}, {@code eval}, {@code model}, {@code norm}, {@code data} and {@code backend}.
 */
package org.bncnn.compare;
