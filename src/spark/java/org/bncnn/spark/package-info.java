/**
 * The same training on Spark: workers train copies of the network on their own images, which are averaged every few
 * batches.
 *
 * <p>Depends on {@code train} and what that depends on, and on Spark, which the cluster provides.
 */
package org.bncnn.spark;
