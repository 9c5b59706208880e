/** The values of {@code INDArray}s as Java arrays and as addresses for native code. */
package org.bncnn.array;
