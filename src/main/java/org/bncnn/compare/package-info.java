/**
 * The norms side by side: parity of the batch normalization layers, how fast each layer is, and what each does to
 * training. Start reading at {@link org.bncnn.compare.NormComparison}.
 */
package org.bncnn.compare;
