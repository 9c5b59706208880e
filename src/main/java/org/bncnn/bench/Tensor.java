package org.bncnn.bench;

/**
 * Numbers with a shape, apart from any library.
 *
 * @param shape such as [N, C, H, W]
 * @param values the last axis running fastest
 */
public record Tensor(long[] shape, float[] values) {}
