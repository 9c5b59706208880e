/**
 * A benchmark of batch-normalization layers, Deeplearning4j's and ours, against PyTorch's.
 *
 * <p>Only Maven's profile {@code bench} compiles it. It may use everything; nothing uses it. Start reading at {@link
 * org.bncnn.bench.layer.BatchNormBenchmark}.
 */
package org.bncnn.bench.layer;
