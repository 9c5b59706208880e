/**
 * The reference CNN's speed with Deeplearning4j and with other programs, side by side: training, evaluation, one image, growth.
 *
 * <p>Every contender runs in a Java virtual machine of its own, a {@link org.bncnn.bench.Worker}, and they have their turns one after
 * the other. Contenders that are no part of this program are found by {@link java.util.ServiceLoader}. Depends on {@code train}, {@code
 * store}, {@code model}, {@code data}, {@code backend} and {@code text}; only {@code cli} depends on it. Start reading at {@link
 * org.bncnn.bench.Benchmark}.
 */
package org.bncnn.bench;
